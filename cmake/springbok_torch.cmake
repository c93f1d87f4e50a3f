# springbok::torch: the LibTorch found, as an imported target of our own, so that a CPU and a CUDA wheel configure alike
# and no CUDA toolkit is needed. Looked for in CMAKE_PREFIX_PATH (an unpacked LibTorch, or its share/cmake), then .venv.
file(GLOB venv_torch ${PROJECT_SOURCE_DIR}/.venv/lib/python3*/site-packages/torch)
set(torch_hints)
foreach(prefix IN LISTS CMAKE_PREFIX_PATH)
  list(APPEND torch_hints ${prefix} ${prefix}/../..)  # torch.utils.cmake_prefix_path is ROOT/share/cmake
endforeach()
find_path(SPRINGBOK_TORCH_INCLUDE ATen/ATen.h HINTS ${torch_hints} ${venv_torch} PATH_SUFFIXES include
          DOC "LibTorch's include folder" NO_CMAKE_FIND_ROOT_PATH)
if(NOT SPRINGBOK_TORCH_INCLUDE)
  message(FATAL_ERROR "LibTorch 2.x not found: run './dev setup' (installs it in .venv) or give -DCMAKE_PREFIX_PATH=/path/to/libtorch")
endif()
get_filename_component(SPRINGBOK_TORCH_ROOT ${SPRINGBOK_TORCH_INCLUDE} DIRECTORY)
find_file(torch_version_header NAMES torch/headeronly/version.h torch/csrc/api/include/torch/version.h
          HINTS ${SPRINGBOK_TORCH_INCLUDE} NO_DEFAULT_PATH NO_CACHE)
file(STRINGS ${torch_version_header} torch_version REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH) ")
string(REGEX REPLACE "[^0-9;]+" "" torch_version "${torch_version}")
list(JOIN torch_version "." SPRINGBOK_TORCH_VERSION)
message(STATUS "LibTorch ${SPRINGBOK_TORCH_VERSION} at ${SPRINGBOK_TORCH_ROOT}")

set(torch_lib ${SPRINGBOK_TORCH_ROOT}/lib)
add_library(springbok_c10 SHARED IMPORTED GLOBAL)
set_target_properties(springbok_c10 PROPERTIES IMPORTED_LOCATION ${torch_lib}/libc10.so)
add_library(springbok_torch SHARED IMPORTED GLOBAL)
add_library(springbok::torch ALIAS springbok_torch)
set_target_properties(springbok_torch PROPERTIES IMPORTED_LOCATION ${torch_lib}/libtorch_cpu.so)
target_include_directories(springbok_torch SYSTEM INTERFACE ${SPRINGBOK_TORCH_INCLUDE}
                           ${SPRINGBOK_TORCH_INCLUDE}/torch/csrc/api/include)
# A CUDA wheel's libtorch_cpu refers to libraries of other wheels, which it finds itself at run time.
target_link_options(springbok_torch INTERFACE -Wl,--unresolved-symbols=ignore-in-shared-libs)
target_link_libraries(springbok_torch INTERFACE springbok_c10)
if(SPRINGBOK_CUDA)
  target_link_options(springbok_torch INTERFACE -Wl,--no-as-needed ${torch_lib}/libtorch_cuda.so ${torch_lib}/libc10_cuda.so -Wl,--as-needed)
endif()

# The ATen headers that most files share, precompiled once and reused by every target that asks.
function(springbok_use_aten_pch target)
  if(NOT TARGET springbok_aten_pch)
    file(WRITE ${PROJECT_BINARY_DIR}/aten_pch.cpp "// The precompiled ATen headers live in this target.\n")
    add_library(springbok_aten_pch OBJECT ${PROJECT_BINARY_DIR}/aten_pch.cpp)
    target_link_libraries(springbok_aten_pch PUBLIC springbok::torch PRIVATE springbok_flags)
    target_precompile_headers(springbok_aten_pch PRIVATE <ATen/core/Tensor.h> <ATen/Functions.h> <string> <vector> <variant>)
  endif()
  target_precompile_headers(${target} REUSE_FROM springbok_aten_pch)
endfunction()
