// Reads any bytes as a tar shard: as they are, and with the checksums that headers should have.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <vector>

#include "data_file.h"

namespace {

/// Every block that is not zeros is made a header as far as its checksum says so.
std::vector<std::byte> mended(std::span<const std::byte> bytes) {
  constexpr std::size_t kBlock = 512, kSum = 148, kSumSize = 8;
  std::vector<std::byte> made(bytes.begin(), bytes.end());
  for (std::size_t at = 0; at + kBlock <= made.size(); at += kBlock) {
    const auto block = std::span(made).subspan(at, kBlock);
    if (std::all_of(block.begin(), block.end(), [](std::byte b) { return b == std::byte{}; })) continue;
    std::fill_n(block.begin() + kSum, kSumSize, std::byte{' '});
    unsigned sum = 0;
    for (const std::byte each : block) sum += std::to_integer<unsigned>(each);
    std::snprintf(reinterpret_cast<char*>(block.data()) + kSum, kSumSize, "%06o", sum);
  }
  return made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  springbok::fuzz::read_source("tar", "train/a.tar", bytes);
  springbok::fuzz::read_source("tar", "train/a.tar", mended(bytes));
  return 0;
}
