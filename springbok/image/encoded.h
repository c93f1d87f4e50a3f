// An image that is not decoded yet: it knows its size, and decodes as much of itself as is needed.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "springbok/image/decode.h"

namespace springbok::image {

/// Owns encoded bytes. Errors are those of `probe` (the constructor) and `decode_part`, under the name given.
class Encoded {
 public:
  /// Decodes to `channels` channels, 1 or 3.
  Encoded(std::vector<std::byte> bytes, int channels, std::string name);

  Size size() const { return size_; }
  int channels() const { return channels_; }
  const std::vector<std::byte>& bytes() const { return bytes_; }
  Image whole() const { return decode(bytes_, channels_, name_); }
  Part part(const Region& region, Image reused = {}) const {
    return decode_part(bytes_, region, channels_, name_, std::move(reused));
  }

 private:
  std::vector<std::byte> bytes_;
  int channels_;
  std::string name_;
  Size size_;
};

}  // namespace springbok::image
