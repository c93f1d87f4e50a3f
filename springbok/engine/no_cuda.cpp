// A build without CUDA.
#include "springbok/engine/device.h"

namespace springbok::engine {

int cuda_devices() {
  return 0;
}

const char* why_no_cuda() {
  return "this build has no CUDA; build with preset 'cuda' against a CUDA build of LibTorch";
}

void tune_cuda() {}

}  // namespace springbok::engine
