// A build with CUDA: what LibTorch finds of it on this machine.
#include <ATen/Context.h>
#include <ATen/detail/CUDAHooksInterface.h>

#include "springbok/engine/device.h"

namespace springbok::engine {

int cuda_devices() {
  return at::hasCUDA() ? at::detail::getCUDAHooks().getNumGPUs() : 0;
}

const char* why_no_cuda() {
  return "LibTorch finds no CUDA device on this machine";
}

}  // namespace springbok::engine
