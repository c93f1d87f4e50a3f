// An image that is not decoded yet: it knows its size, and decodes as much of itself as is needed.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "springbok/image/decode.h"

namespace springbok::image {

/// Encoded bytes, which it owns, with where its segments are. Movable. Errors are those of `probe` (the first
/// constructor) and `decode_part`, under the name given.
class Encoded {
 public:
  /// Owns the bytes; decodes to `channels` channels, 1 or 3.
  Encoded(std::vector<std::byte> bytes, int channels, std::string name);
  /// What was read into a `spare`: the first bytes of `memory`, `contents` says which.
  struct Contents {
    std::size_t table = 0;  ///< bytes before the image: segment lengths, or, without units, what does not concern it
    std::size_t image = 0;  ///< the encoded image, behind them
    int units = 0;          ///< of a segment, 0 where there are none
    Size size;              ///< the image's, in pixels; left at 0 it is looked up in the image
  };
  Encoded(std::vector<std::byte>&& memory, const Contents& contents, int channels, std::string name);
  Encoded(Encoded&&) noexcept = default;
  Encoded& operator=(Encoded&&) noexcept = default;
  Encoded(const Encoded&) = delete;
  Encoded& operator=(const Encoded&) = delete;
  ~Encoded();

  /// The memory of an Encoded of this thread that is gone, of any size and content: fresh memory costs page faults.
  static std::vector<std::byte> spare();

  Size size() const { return size_; }
  int channels() const { return channels_; }
  std::span<const std::byte> bytes() const { return bytes_; }
  const JpegSegments& segments() const { return segments_; }
  /// From now on damaged JPEGs that Pillow reads are read, and `damaged` hears of them.
  void on_damage(OnDamage damaged) { damaged_ = std::move(damaged); }
  const OnDamage& on_damage() const { return damaged_; }
  Image whole() const { return decode(bytes_, channels_, name_, damaged_); }
  Part part(const Region& region, Image reused = {}) const {
    return decode_part(bytes_, region, channels_, name_, std::move(reused), segments_, damaged_);
  }
  /// At 1 / `factor` of the size, as `decode_reduced`.
  std::optional<Reduced> reduced(const Region& region, int factor, Image reused = {}) const {
    return decode_reduced(bytes_, region, factor, channels_, name_, std::move(reused), segments_, damaged_);
  }

 private:
  std::vector<std::byte> memory_;  ///< what `bytes_` and `segments_` look at
  std::span<const std::byte> bytes_;
  JpegSegments segments_;
  int channels_;
  std::string name_;
  Size size_;
  OnDamage damaged_;
};

}  // namespace springbok::image
