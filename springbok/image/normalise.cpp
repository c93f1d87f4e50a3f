// Normalising: 8-bit pixels to floats, as torchvision's ToTensor and Normalize compute them.
#include "springbok/image/normalise.h"

#include "springbok/base/error.h"

namespace springbok::image {

Normaliser::Normaliser(std::span<const double> mean, std::span<const double> std) : tables_(mean.size()) {
  check(!mean.empty() && mean.size() == std.size(), "one mean and one std a channel");
  for (std::size_t c = 0; c < mean.size(); ++c) {
    check(std[c] != 0, "the std of a channel is not 0");
    const auto m = static_cast<float>(mean[c]);
    const auto s = static_cast<float>(std[c]);
    for (int v = 0; v < 256; ++v) {
      const float unit = static_cast<float>(v) / 255.0F;
      tables_[c][v] = (unit - m) / s;
    }
  }
}

void Normaliser::operator()(const Image& image, float* out) const {
  check(image.channels == channels(), "the image has the channels of the normalisation");
  const std::uint8_t* from = image.pixels.data();
  const std::uint8_t* end = from + image.pixels.size();
  while (from != end) {
    for (const auto& table : tables_) *out++ = table[*from++];
  }
}

}  // namespace springbok::image
