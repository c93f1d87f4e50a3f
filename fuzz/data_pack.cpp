// Reads any bytes as a packed data set: as they are, and with the hash that its index should have.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "data_file.h"
#include "springbok/data/pack/pack_format.h"

namespace {

using namespace springbok;

/// Head, tail and hash as a reader expects them, so that what lies between is looked at.
std::vector<std::byte> mended(std::span<const std::byte> bytes, std::string_view magic) {
  std::vector<std::byte> made(bytes.begin(), bytes.end());
  const std::size_t end = made.size() - sizeof(data::PackTail);
  auto tail = data::from_bytes<data::PackTail>(std::span(made).subspan(end));
  tail.tail_at = end;
  if (tail.rows_at > end) return made;
  tail.hash = data::short_hash<32>(std::span(made).subspan(tail.rows_at, end - tail.rows_at));
  std::copy(magic.begin(), magic.end(), tail.magic.begin());
  std::memcpy(made.data() + end, &tail, sizeof(tail));
  std::memcpy(made.data(), magic.data(), magic.size());
  return made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  fuzz::read_source("pack", "train.pack", bytes);
  if (size < data::kPackHead + sizeof(data::PackTail)) return 0;
  for (const std::string_view magic : {data::kPackMagic, data::kPackMagic2}) {
    fuzz::read_source("pack", "train.pack", mended(bytes, magic));
  }
  return 0;
}
