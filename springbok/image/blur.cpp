// Blurring in Pillow's fixed-point and single-precision arithmetic.
#include "springbok/image/blur.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include "springbok/base/error.h"
#include "springbok/image/expect.h"

namespace springbok::image {
namespace {

/// A window of whole pixels and a fraction of the next one on each side; weights have 24 fractional bits.
struct Window {
  int radius = 0;
  std::uint32_t whole = 0, fraction = 0;
};

Window window_of(float radius) {
  constexpr std::uint32_t kOne = 1U << 24;
  Window window{.radius = static_cast<int>(radius)};
  window.whole = static_cast<std::uint32_t>(static_cast<float>(kOne) / (radius * 2 + 1));
  window.fraction = (kOne - static_cast<std::uint32_t>(window.radius * 2 + 1) * window.whole) / 2;
  return window;
}

/// One channel of one line; `in` and `out` are apart.
void blur_line(const std::vector<std::uint8_t>& in, const Window& window, std::vector<std::uint8_t>& out) {
  constexpr std::uint32_t kHalf = 1U << 23;
  const int last = static_cast<int>(in.size()) - 1, radius = window.radius;
  const auto at = [&](int x) {
    return static_cast<std::uint32_t>(in[static_cast<std::size_t>(std::clamp(x, 0, last))]);
  };
  std::uint32_t sum = 0;
  for (int x = -radius; x <= radius; ++x) sum += at(x);
  for (int x = 0; x <= last; ++x) {
    const std::uint32_t value =
        sum * window.whole + (at(x - radius - 1) + at(x + radius + 1)) * window.fraction + kHalf;
    out[static_cast<std::size_t>(x)] = static_cast<std::uint8_t>(value >> 24);
    sum += at(x + radius + 1) - at(x - radius);
  }
}

/// Lines of `length` values that are `step` bytes apart.
void blur_lines(std::uint8_t* first, std::size_t step, int length, const Window& window, int passes) {
  std::vector<std::uint8_t> line(static_cast<std::size_t>(length)), blurred(line.size());
  for (std::size_t i = 0; i < line.size(); ++i) line[i] = first[i * step];
  for (int pass = 0; pass < passes; ++pass) {
    blur_line(line, window, blurred);
    std::swap(line, blurred);
  }
  for (std::size_t i = 0; i < line.size(); ++i) first[i * step] = line[i];
}

/// [Gwosdek et al., SSVM 2011, "Theoretical foundations of Gaussian convolution by extended box filtering"]: the radius
/// whose box, applied so often, has the variance of the Gaussian; single precision.
float box_radius(float radius, int passes) {
  const float variance = radius * radius / static_cast<float>(passes);
  const auto length = static_cast<float>(std::sqrt(12.0 * variance + 1.0));
  const auto whole = static_cast<float>(std::floor((length - 1.0) / 2.0));
  float fraction = (2 * whole + 1) * (whole * (whole + 1) - 3 * variance);
  fraction /= 6 * (variance - (whole + 1) * (whole + 1));
  return whole + fraction;
}

std::uint8_t cut(float value) {
  return static_cast<std::uint8_t>(std::clamp(value, 0.0F, 255.0F));
}

}  // namespace

Image box_blur(const Image& image, float radius, int passes) {
  expect_whole(image, "a blur");
  expect_between(radius, 0, 1 << 16, "a blur's radius");
  expect_between(passes, 1, 1 << 10, "a blur's passes");
  Image out = image;
  if (radius == 0 || image.pixels.empty()) return out;
  const Window window = window_of(radius);
  const auto channels = static_cast<std::size_t>(image.channels);
  for (int y = 0; y < image.height; ++y) {
    for (std::size_t c = 0; c < channels; ++c) blur_lines(out.row(y) + c, channels, image.width, window, passes);
  }
  for (std::size_t x = 0; x < out.stride(); ++x) {
    blur_lines(out.pixels.data() + x, out.stride(), image.height, window, passes);
  }
  return out;
}

Image gaussian_blur(const Image& image, float radius) {
  constexpr int kPasses = 3;
  expect_between(radius, 0, 1 << 16, "a blur's radius");
  return box_blur(image, box_radius(radius, kPasses), kPasses);
}

Image smooth(const Image& image) {
  constexpr float kSide = 1.0F / 13.0F, kMiddle = 5.0F / 13.0F;
  expect_whole(image, "smoothing");
  Image out = image;
  if (image.height < 3 || image.width < 3) return out;
  const auto step = static_cast<std::size_t>(image.channels);
  const auto line = [&](const std::uint8_t* at, float middle) {
    return static_cast<float>(at[0]) * kSide + static_cast<float>(at[step]) * middle +
           static_cast<float>(at[2 * step]) * kSide;
  };
  for (int y = 1; y + 1 < image.height; ++y) {
    const std::uint8_t *above = image.row(y - 1), *here = image.row(y), *below = image.row(y + 1);
    std::uint8_t* to = out.row(y) + step;
    for (std::size_t x = 0; x + 2 * step < image.stride(); ++x) {
      float sum = 0.5F;  // the order of the additions is Pillow's
      sum += line(below + x, kSide);
      sum += line(here + x, kMiddle);
      sum += line(above + x, kSide);
      to[x] = cut(sum);
    }
  }
  return out;
}

}  // namespace springbok::image
