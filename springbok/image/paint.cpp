// Mixing colours of masks with photographs.
#include "springbok/image/paint.h"

#include <array>

#include "springbok/base/error.h"
#include "springbok/base/text.h"
#include "springbok/image/convert.h"

namespace springbok::image {
namespace {

constexpr std::uint8_t kGround = 0, kIgnored = 255;

using Colour = std::array<std::uint8_t, 3>;

void expect_mask(const Image& image, const Image& mask) {
  if (mask.channels != 1) fail("a mask has one channel, not {}", mask.channels);
  if (mask.height == image.height && mask.width == image.width) return;
  fail("a mask of {} x {} does not fit an image of {} x {}", mask.height, mask.width, image.height, image.width);
}

const Colour& colour_of(const Palette& palette, std::uint8_t index) {
  if (index >= palette.size()) fail("a palette of {} colours has none for index {}", palette.size(), index);
  return palette[index];
}

/// Whether a neighbour on the right or below is of another class.
bool is_outline(const Image& mask, int y, int x) {
  const std::uint8_t own = mask.row(y)[x];
  return (x + 1 < mask.width && mask.row(y)[x + 1] != own) || (y + 1 < mask.height && mask.row(y + 1)[x] != own);
}

void set(std::uint8_t* pixel, const Colour& colour) {
  for (std::size_t c = 0; c < colour.size(); ++c) pixel[c] = colour[c];
}

}  // namespace

Image coloured(const Image& mask, const Palette& palette) {
  if (mask.channels != 1) fail("a mask has one channel, not {}", mask.channels);
  Image colours(mask.height, mask.width, 3);
  for (std::size_t i = 0; i < mask.pixels.size(); ++i) {
    set(colours.pixels.data() + 3 * i, colour_of(palette, mask.pixels[i]));
  }
  return colours;
}

Image overlay(const Image& image, const Image& mask, const Palette& palette) {
  expect_mask(image, mask);
  Image painted = to_channels(image, 3);
  for (int y = 0; y < mask.height; ++y) {
    for (int x = 0; x < mask.width; ++x) {
      const std::uint8_t index = mask.row(y)[x];
      if (index == kGround || index == kIgnored) continue;
      const Colour& colour = colour_of(palette, index);
      std::uint8_t* const pixel = painted.row(y) + 3 * x;
      const bool whole = is_outline(mask, y, x);
      for (std::size_t c = 0; c < colour.size(); ++c) {
        pixel[c] = whole ? colour[c] : static_cast<std::uint8_t>((pixel[c] + colour[c] + 1) / 2);
      }
    }
  }
  return painted;
}

Image error_map(const Image& image, const Image& truth, const Image& predicted) {
  constexpr Colour kWrong{214, 39, 40};
  constexpr int kFaint = 3;
  expect_mask(image, truth);
  expect_mask(image, predicted);
  const Colour ignored = voc_palette()[kIgnored];
  Image map = to_channels(to_channels(image, 1), 3);
  for (std::size_t i = 0; i < truth.pixels.size(); ++i) {
    std::uint8_t* const pixel = map.pixels.data() + 3 * i;
    if (truth.pixels[i] == kIgnored) {
      set(pixel, ignored);
    } else if (truth.pixels[i] != predicted.pixels[i]) {
      set(pixel, kWrong);
    } else {
      const auto faint = static_cast<std::uint8_t>(255 - (255 - pixel[0]) / kFaint);
      set(pixel, {faint, faint, faint});
    }
  }
  return map;
}

std::string hex_colour(const Palette& palette, std::uint8_t index) {
  const Colour& colour = colour_of(palette, index);
  return format("#{:02x}{:02x}{:02x}", colour[0], colour[1], colour[2]);
}

}  // namespace springbok::image
