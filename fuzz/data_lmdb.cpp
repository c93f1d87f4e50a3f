// Reads any bytes as an LMDB database of images.
#include <cstddef>
#include <cstdint>
#include <span>

#include "data_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  springbok::fuzz::read_source("lmdb", "train.lmdb", std::as_bytes(std::span(data, size)));
  return 0;
}
