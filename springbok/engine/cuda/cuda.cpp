// A build with CUDA: what LibTorch finds of it on this machine, and how it is set.
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

void tune_cuda() {
  at::globalContext().setBenchmarkCuDNN(true);  // shapes stay the same from step to step
}

}  // namespace springbok::engine
