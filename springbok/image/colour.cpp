// Colour operations: blends of an image with a simpler one, and the turn of the hue.
#include "springbok/image/colour.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "springbok/base/error.h"
#include "springbok/image/blur.h"
#include "springbok/image/convert.h"
#include "springbok/image/expect.h"
#include "springbok/image/hsv.h"

namespace springbok::image {
namespace {

/// One byte of Pillow's `Image.blend(from, to, amount)`: single precision, cut to a whole number.
std::uint8_t blend(int from, int to, float amount) {
  const float value = static_cast<float>(from) + amount * static_cast<float>(to - from);
  return static_cast<std::uint8_t>(std::clamp(value, 0.0F, 255.0F));
}

/// Calls `change` for each byte that is no alpha.
template <class F>
void for_colours(Image& image, F change) {
  if (image.channels != 4) {
    for (std::uint8_t& value : image.pixels) change(value);
    return;
  }
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    if (i % 4 != 3) change(image.pixels[i]);
  }
}

/// Blends every colour with one value: a table of 256 does it.
void blend_with(Image& image, int from, double factor) {
  std::array<std::uint8_t, 256> table;
  for (int v = 0; v < 256; ++v) table[v] = blend(from, v, static_cast<float>(factor));
  for_colours(image, [&](std::uint8_t& value) { value = table[value]; });
}

void check_kind(const Image& image, double factor) {
  constexpr double kStrongest = 1e6;
  expect_between(factor, -kStrongest, kStrongest, "a colour operation's factor");
  expect_channels(image, {1, 3, 4}, "a colour operation");
}

int mean_grey(const Image& image) {
  std::uint64_t sum = 0;
  if (image.channels == 1) {
    for (const std::uint8_t value : image.pixels) sum += value;
  } else {
    for (std::size_t i = 0; i < image.pixels.size(); i += image.channels) sum += luma(&image.pixels[i]);
  }
  const auto count = static_cast<double>(image.height) * image.width;
  return static_cast<int>(std::floor(static_cast<double>(sum) / count + 0.5));
}

}  // namespace

void adjust_brightness(Image& image, double factor) {
  check_kind(image, factor);
  if (factor != 1) blend_with(image, 0, factor);
}

void adjust_contrast(Image& image, double factor) {
  check_kind(image, factor);
  if (factor != 1) blend_with(image, mean_grey(image), factor);
}

void adjust_saturation(Image& image, double factor) {
  check_kind(image, factor);
  if (factor == 1 || image.channels == 1) return;
  const auto amount = static_cast<float>(factor);
  for (std::size_t i = 0; i < image.pixels.size(); i += image.channels) {
    std::uint8_t* pixel = &image.pixels[i];
    const int grey = luma(pixel);
    for (int c = 0; c < 3; ++c) pixel[c] = blend(grey, pixel[c], amount);
  }
}

void adjust_sharpness(Image& image, double factor) {
  check_kind(image, factor);
  if (factor == 1) return;
  const Image smoothed = smooth(image);
  const std::uint8_t* from = smoothed.pixels.data();
  const auto amount = static_cast<float>(factor);
  for_colours(image, [&](std::uint8_t& value) { value = blend(from[&value - image.pixels.data()], value, amount); });
}

void adjust_hue(Image& image, double turn) {
  expect_channels(image, {1, 3}, "a hue's turn");
  expect_between(turn, -0.5, 0.5, "a hue's turn");
  if (image.channels == 1) return;
  const auto shift = static_cast<std::uint8_t>(static_cast<int>(turn * 255));
  for (std::size_t i = 0; i < image.pixels.size(); i += 3) {
    std::uint8_t* pixel = &image.pixels[i];
    Hsv hsv = hsv_from_rgb(pixel);
    hsv.hue = static_cast<std::uint8_t>(hsv.hue + shift);
    rgb_from_hsv(hsv, pixel);
  }
}

}  // namespace springbok::image
