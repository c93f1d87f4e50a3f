// A safetensors file.
#include <cstdint>

#include "fuzz/tensors_exercise.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  springbok::weights::exercise(std::as_bytes(std::span(data, size)));
  return 0;
}
