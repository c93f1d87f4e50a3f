# springbok_view(NAME OUT): a folder under which this directory's headers, and no others, are springbok/NAME/....
function(springbok_view name out)
  set(view ${PROJECT_BINARY_DIR}/rooms/${name})
  file(MAKE_DIRECTORY ${view}/springbok)
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${view}/springbok/${name} SYMBOLIC)
  set(${out} ${view} PARENT_SCOPE)
endfunction()

# springbok_room(NAME SOURCES ... [HEADERS ...] [USES rooms...] [LINKS targets...] [ATEN]): one room, one library.
# HEADERS are its public ones: what other rooms and programs on the library include, and what those include. An installed
# copy has them alone, and `tools/check_layers` refuses an include of another from outside the room.
# A room sees the headers of the rooms it USES (and of those they use), of no other: a wrong include does not compile.
function(springbok_room name)
  cmake_parse_arguments(ROOM "ATEN" "" "SOURCES;HEADERS;USES;LINKS;PRIVATE_LINKS" ${ARGN})
  springbok_view(${name} view)
  add_library(springbok_${name} STATIC ${ROOM_SOURCES})
  add_library(springbok::${name} ALIAS springbok_${name})
  set_target_properties(springbok_${name} PROPERTIES EXPORT_NAME ${name})
  set_property(GLOBAL APPEND PROPERTY SPRINGBOK_ROOMS ${name})
  set_property(GLOBAL PROPERTY SPRINGBOK_HEADERS_${name} ${ROOM_HEADERS})
  target_compile_features(springbok_${name} PUBLIC cxx_std_20)
  target_include_directories(springbok_${name} PUBLIC $<BUILD_INTERFACE:${view}> $<INSTALL_INTERFACE:include>)
  list(TRANSFORM ROOM_USES PREPEND springbok::)
  target_link_libraries(springbok_${name} PUBLIC ${ROOM_USES} ${ROOM_LINKS}
                        PRIVATE $<BUILD_INTERFACE:springbok_flags> ${ROOM_PRIVATE_LINKS})
  if(ROOM_ATEN)
    target_link_libraries(springbok_${name} PUBLIC springbok::torch)
    springbok_use_aten_pch(springbok_${name})
  endif()
endfunction()

# springbok_program(NAME SOURCES ... USES rooms... [LINKS targets...]): build/NAME, from this directory, which is a room too.
function(springbok_program name)
  cmake_parse_arguments(PROGRAM "" "" "SOURCES;USES;LINKS" ${ARGN})
  get_filename_component(room ${CMAKE_CURRENT_SOURCE_DIR} NAME)
  springbok_view(${room} view)
  add_executable(${name} ${PROGRAM_SOURCES})
  target_include_directories(${name} PRIVATE ${view})
  list(TRANSFORM PROGRAM_USES PREPEND springbok::)
  target_link_libraries(${name} PRIVATE ${PROGRAM_USES} ${PROGRAM_LINKS} springbok_flags)
  springbok_use_aten_pch(${name})
endfunction()

# springbok_test(ROOM SOURCES ... [LINKS ...]): the room's GoogleTest binary `ROOM_test`, one ctest entry a case.
# GOLDEN_DIR, SOURCE_DIR and BINARY_DIR are known to it; ATEN gives it the precompiled ATen headers.
function(springbok_test room)
  cmake_parse_arguments(TEST "ATEN" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${room}_test ${TEST_SOURCES})
  target_link_libraries(${room}_test PRIVATE springbok::${room} ${TEST_LINKS} springbok_flags GTest::gtest GTest::gtest_main)
  target_include_directories(${room}_test PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_definitions(${room}_test PRIVATE SPRINGBOK_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
                             SPRINGBOK_BINARY_DIR="${PROJECT_BINARY_DIR}")
  set_target_properties(${room}_test PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  if(SPRINGBOK_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${room}_test PRIVATE -Wno-maybe-uninitialized)  # GCC bug 105562: false alarm in <regex>
  endif()
  if(TEST_ATEN)
    springbok_use_aten_pch(${room}_test)
  else()
    target_compile_options(${room}_test PRIVATE $<$<CONFIG:Release>:-O1>)  # a third less time to compile; what they test stays -O3
  endif()
  # One thread each: ctest runs as many tests at once as there are cores, and OpenMP collapses when it must share them.
  gtest_discover_tests(${room}_test TEST_PREFIX ${room}. NO_PRETTY_VALUES DISCOVERY_TIMEOUT 60
                       PROPERTIES TIMEOUT 300 ENVIRONMENT OMP_NUM_THREADS=1)
endfunction()
