# Outside libraries, one imported target each. Debian package names stand beside them.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(fmt REQUIRED)            # libfmt-dev
find_package(nlohmann_json REQUIRED)  # nlohmann-json3-dev
find_path(RAPIDJSON_INCLUDE rapidjson/reader.h REQUIRED)              # rapidjson-dev
find_package(OpenSSL REQUIRED COMPONENTS Crypto)                     # libssl-dev
find_package(CURL REQUIRED)                                         # libcurl4-openssl-dev
find_package(ZLIB REQUIRED)                                         # zlib1g-dev
find_package(JPEG REQUIRED)                                         # libjpeg62-turbo-dev
find_package(PNG REQUIRED)                                          # libpng-dev
pkg_check_modules(WEBP REQUIRED IMPORTED_TARGET libwebp libwebpdemux) # libwebp-dev
pkg_check_modules(TIFF REQUIRED IMPORTED_TARGET libtiff-4)          # libtiff-dev
find_package(GIF REQUIRED)                                          # libgif-dev
pkg_check_modules(LMDB REQUIRED IMPORTED_TARGET lmdb)               # liblmdb-dev
pkg_check_modules(HWY REQUIRED IMPORTED_TARGET libhwy)              # libhwy-dev
find_package(CLI11 REQUIRED)                                        # libcli11-dev
find_package(tomlplusplus REQUIRED)                                 # libtomlplusplus-dev
if(SPRINGBOK_TESTS)
  find_package(GTest REQUIRED)                                      # libgtest-dev
  include(GoogleTest)
endif()
if(SPRINGBOK_BENCH)
  find_package(benchmark REQUIRED)                                  # libbenchmark-dev
endif()
