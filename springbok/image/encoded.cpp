// An image that is not decoded yet.
#include "springbok/image/encoded.h"

#include <utility>

#include "springbok/base/error.h"

namespace springbok::image {
namespace {

std::vector<std::byte>& kept() {
  thread_local std::vector<std::byte> memory;
  return memory;
}

}  // namespace

std::vector<std::byte> Encoded::spare() {
  return std::exchange(kept(), {});
}

Encoded::Encoded(std::vector<std::byte> bytes, int channels, std::string name)
    : Encoded(std::move(bytes), {.table = 0, .image = bytes.size(), .units = 0, .size = {}}, channels,
              std::move(name)) {}

Encoded::Encoded(std::vector<std::byte>&& memory, const Contents& contents, int channels, std::string name)
    : memory_(std::move(memory)), channels_(channels), name_(std::move(name)), size_(contents.size) {
  check(contents.table + contents.image <= memory_.size(), "an encoded image lies in its memory");
  const std::span<const std::byte> all(memory_);
  bytes_ = all.subspan(contents.table, contents.image);
  if (contents.units > 0) segments_ = {contents.units, all.first(contents.table)};
  if (size_ != Size{}) return;
  const ImageInfo info = probe(bytes_, name_);
  size_ = {info.height, info.width};
}

Encoded::~Encoded() {
  constexpr std::size_t kMostKept = std::size_t{16} << 20;
  if (memory_.size() > kept().size() && memory_.size() <= kMostKept) kept() = std::move(memory_);
}

}  // namespace springbok::image
