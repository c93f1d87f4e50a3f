# springbok::torch: the LibTorch found, as an imported target of our own, so that a CPU and a CUDA wheel configure alike
# and no CUDA toolkit is needed. Looked for in CMAKE_PREFIX_PATH (a variable or the environment's; an unpacked LibTorch or
# its share/cmake), then in SPRINGBOK_TORCH_HINTS, then in .venv. The installed springbokConfig.cmake includes this file too.
set(torch_hints)
set(torch_prefixes ${CMAKE_PREFIX_PATH})
string(REPLACE ":" ";" torch_environment "$ENV{CMAKE_PREFIX_PATH}")
foreach(prefix IN LISTS torch_prefixes torch_environment)
  list(APPEND torch_hints ${prefix} ${prefix}/../..)  # torch.utils.cmake_prefix_path is ROOT/share/cmake
endforeach()
file(GLOB torch_in_venv ${PROJECT_SOURCE_DIR}/.venv/lib/python3*/site-packages/torch)
find_path(SPRINGBOK_TORCH_INCLUDE ATen/ATen.h HINTS ${torch_hints} ${SPRINGBOK_TORCH_HINTS} ${torch_in_venv}
          PATH_SUFFIXES include DOC "LibTorch's include folder" NO_CMAKE_FIND_ROOT_PATH)
if(NOT SPRINGBOK_TORCH_INCLUDE)
  message(FATAL_ERROR "LibTorch 2.x not found: give -DCMAKE_PREFIX_PATH=/path/to/libtorch, "
                      "or in Springbok's own tree run './dev setup' (installs it in .venv)")
endif()
get_filename_component(SPRINGBOK_TORCH_ROOT ${SPRINGBOK_TORCH_INCLUDE} DIRECTORY)

find_file(torch_version_header NAMES torch/headeronly/version.h torch/csrc/api/include/torch/version.h
          HINTS ${SPRINGBOK_TORCH_INCLUDE} NO_DEFAULT_PATH NO_CACHE)
file(STRINGS ${torch_version_header} torch_version REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH) ")
string(REGEX REPLACE "[^0-9;]+" "" torch_version "${torch_version}")
list(JOIN torch_version "." SPRINGBOK_TORCH_VERSION)
set(torch_flags)
if(EXISTS ${SPRINGBOK_TORCH_ROOT}/share/cmake/Torch/TorchConfig.cmake)
  file(STRINGS ${SPRINGBOK_TORCH_ROOT}/share/cmake/Torch/TorchConfig.cmake torch_flags REGEX "_GLIBCXX_USE_CXX11_ABI=0")
endif()
if(torch_flags)
  message(FATAL_ERROR "LibTorch ${SPRINGBOK_TORCH_VERSION} at ${SPRINGBOK_TORCH_ROOT} was built with the old C++ ABI; "
                      "take a build with the C++11 ABI (every one from 2.7 on)")
endif()

if(NOT TARGET springbok::torch)
  message(STATUS "LibTorch ${SPRINGBOK_TORCH_VERSION} at ${SPRINGBOK_TORCH_ROOT}")
  set(torch_lib ${SPRINGBOK_TORCH_ROOT}/lib)
  add_library(springbok::c10 SHARED IMPORTED GLOBAL)
  set_target_properties(springbok::c10 PROPERTIES IMPORTED_LOCATION ${torch_lib}/libc10.so)
  add_library(springbok::torch SHARED IMPORTED GLOBAL)
  set_target_properties(springbok::torch PROPERTIES IMPORTED_LOCATION ${torch_lib}/libtorch_cpu.so)
  target_include_directories(springbok::torch SYSTEM INTERFACE ${SPRINGBOK_TORCH_INCLUDE}
                             ${SPRINGBOK_TORCH_INCLUDE}/torch/csrc/api/include)
  # A CUDA wheel's libtorch_cpu refers to libraries of other wheels, which it finds itself at run time. (The option
  # says nothing of the linked objects' own symbols: a Python extension leaves some to the interpreter.)
  target_link_options(springbok::torch INTERFACE -Wl,--allow-shlib-undefined)
  target_link_libraries(springbok::torch INTERFACE springbok::c10)
  if(SPRINGBOK_CUDA)
    if(NOT EXISTS ${torch_lib}/libtorch_cuda.so)
      message(FATAL_ERROR "LibTorch ${SPRINGBOK_TORCH_VERSION} at ${SPRINGBOK_TORCH_ROOT} has no CUDA libraries; give a CUDA build")
    endif()
    target_link_options(springbok::torch INTERFACE -Wl,--no-as-needed ${torch_lib}/libtorch_cuda.so
                        ${torch_lib}/libc10_cuda.so -Wl,--as-needed)
  endif()
endif()
