// Inside the room: numbers out of the bytes of a file's header, and what a header that ends early is.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "springbok/base/error.h"

namespace springbok::image {

/// Reads on through the bytes of a file of `format` (`BMP`, ...); past their end throws Error with the file's name.
class Numbers {
 public:
  Numbers(std::span<const std::byte> bytes, const char* format, const std::string& name)
      : bytes_(bytes), format_(format), name_(name) {}

  std::size_t at() const { return at_; }
  bool ended() const { return at_ >= bytes_.size(); }
  void seek(std::size_t at) { at_ = at; }
  std::span<const std::byte> take(std::size_t count) {
    if (at_ > bytes_.size() || count > bytes_.size() - at_) fail_truncated();
    at_ += count;
    return bytes_.subspan(at_ - count, count);
  }
  std::uint8_t byte() { return std::to_integer<std::uint8_t>(take(1)[0]); }
  /// Least byte first.
  std::uint32_t little(std::size_t count) {
    std::uint32_t value = 0;
    const auto from = take(count);
    for (std::size_t i = count; i-- > 0;) value = value << 8 | std::to_integer<std::uint32_t>(from[i]);
    return value;
  }

  [[noreturn]] void fail_truncated() const {
    const std::string size = with_commas(static_cast<std::int64_t>(bytes_.size()));
    fail("{}: truncated {} (after {} of {} bytes); replace or remove it", name_, format_, size, size);
  }
  [[noreturn]] void fail_damaged(const std::string& what) const {
    fail("{}: damaged {} ({}); replace or remove it", name_, format_, what);
  }
  /// For what Pillow does not turn into RGB either, or no published data set holds.
  [[noreturn]] void fail_unfit(const std::string& what) const {
    fail("{}: {} {}, which is not read; convert it to PNG or remove it", name_, format_, what);
  }

 private:
  std::span<const std::byte> bytes_;
  const char* format_;
  const std::string& name_;
  std::size_t at_ = 0;
};

/// Pillow's way from numbers to 8 bits: what does not fit is cut off, nothing is scaled.
inline std::uint8_t clipped(double value) {
  if (std::isnan(value) || value <= 0) return 0;  // NaN too
  return value >= 255 ? 255 : static_cast<std::uint8_t>(value);
}

}  // namespace springbok::image
