// Pillow's 8-bit HSV, one pixel at a time. Where it mixes single and double precision the results depend on it.
#include "springbok/image/hsv.h"

#include <algorithm>
#include <cmath>

namespace springbok::image {
namespace {

std::uint8_t byte(int value) {
  return static_cast<std::uint8_t>(std::clamp(value, 0, 255));
}

/// In sixths of the circle, from -1 (red towards magenta) to 5.
float sextant(const std::uint8_t* rgb, int most, int range) {
  const auto distance = [&](int c) { return static_cast<float>(most - rgb[c]) / static_cast<float>(range); };
  if (rgb[0] == most) return distance(2) - distance(1);
  if (rgb[1] == most) return static_cast<float>(2.0 + distance(0) - distance(2));
  return static_cast<float>(4.0 + distance(1) - distance(0));
}

}  // namespace

Hsv hsv_from_rgb(const std::uint8_t* rgb) {
  const int most = std::max({rgb[0], rgb[1], rgb[2]});
  const int range = most - std::min({rgb[0], rgb[1], rgb[2]});
  if (range == 0) return {0, 0, static_cast<std::uint8_t>(most)};
  const double turns = sextant(rgb, most, range) / 6.0 + 1.0;  // 5/6 to 11/6
  const auto hue = static_cast<float>(turns >= 1 ? turns - 1 : turns);
  const float saturation = static_cast<float>(range) / static_cast<float>(most);
  return {byte(static_cast<int>(hue * 255.0)), byte(static_cast<int>(saturation * 255.0)),
          static_cast<std::uint8_t>(most)};
}

void rgb_from_hsv(Hsv hsv, std::uint8_t* rgb) {
  const std::uint8_t v = hsv.value;
  if (hsv.saturation == 0) {
    std::fill_n(rgb, 3, v);
    return;
  }
  const double sixths = static_cast<float>(hsv.hue) * 6.0 / 255.0;
  const int sector = static_cast<int>(sixths);
  const auto rest = static_cast<float>(sixths - sector);
  const auto saturation = static_cast<float>(hsv.saturation / 255.0);
  const auto scaled = [&](double share) { return byte(static_cast<int>(std::round(v * share))); };
  const std::uint8_t low = scaled(1.0 - saturation);
  const std::uint8_t falling = scaled(1.0 - saturation * rest);
  const std::uint8_t rising = scaled(1.0 - saturation * (1.0 - rest));
  const std::uint8_t sectors[6][3] = {{v, rising, low},  {falling, v, low}, {low, v, rising},
                                      {low, falling, v}, {rising, low, v},  {v, low, falling}};
  std::copy_n(sectors[sector % 6], 3, rgb);
}

}  // namespace springbok::image
