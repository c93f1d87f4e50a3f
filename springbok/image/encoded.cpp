// An image that is not decoded yet.
#include "springbok/image/encoded.h"

#include <utility>

namespace springbok::image {

Encoded::Encoded(std::vector<std::byte> bytes, int channels, std::string name)
    : bytes_(std::move(bytes)), channels_(channels), name_(std::move(name)) {
  const ImageInfo info = probe(bytes_, name_);
  size_ = {info.height, info.width};
}

}  // namespace springbok::image
