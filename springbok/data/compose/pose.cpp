// Poses: colours first, then one reduction (which smooths) and one turn and enlargement.
#include "springbok/data/compose/pose.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "springbok/image/colour.h"
#include "springbok/image/geometry.h"
#include "springbok/image/resize.h"
#include "springbok/image/warp.h"

namespace springbok::data {
namespace {

/// Turned about its middle and enlarged, on a canvas that holds all of it.
image::Image turned(const image::Image& rgba, double degrees, double scale) {
  const image::Image padded = image::pad(rgba, {1, 1, 1, 1});  // so that edges are smooth
  const double angle = degrees * std::numbers::pi / 180, sine = std::sin(angle), cosine = std::cos(angle);
  const auto extent = [&](double along, double across) {
    return static_cast<int>(std::ceil(scale * (along * std::fabs(cosine) + across * std::fabs(sine)))) + 2;
  };
  const image::Size size{extent(padded.height, padded.width), extent(padded.width, padded.height)};
  image::Matrix from{cosine / scale, -sine / scale, 0, sine / scale, cosine / scale, 0};
  const double x = size.width / 2.0, y = size.height / 2.0;
  from[2] = padded.width / 2.0 - from[0] * x - from[1] * y;
  from[5] = padded.height / 2.0 - from[3] * x - from[4] * y;
  return image::affine(padded, from, size, {.filter = image::Filter::bilinear});
}

}  // namespace

Pose drawn_pose(Rng& rng, double side) {
  constexpr double kTurn = 30, kBlur = 1.8, kSharp = 0.5;
  Pose pose{.side = side};
  pose.degrees = rng.uniform(-kTurn, kTurn);
  pose.flip = rng.below(2) == 1;
  pose.blur = std::max(1.0, rng.uniform(kSharp, kBlur));
  pose.brightness = rng.uniform(0.7, 1.3);
  pose.contrast = rng.uniform(0.8, 1.2);
  pose.saturation = rng.uniform(0.7, 1.3);
  return pose;
}

image::Image posed(const Cutout& cutout, const Pose& pose) {
  constexpr double kMostGrowth = 4;
  image::Image rgba = pose.flip ? image::flip_horizontally(cutout.pixels) : cutout.pixels;
  image::adjust_brightness(rgba, pose.brightness);
  image::adjust_contrast(rgba, pose.contrast);
  image::adjust_saturation(rgba, pose.saturation);
  const double scale = std::min(kMostGrowth, pose.side / std::sqrt(static_cast<double>(cutout.area)));
  const double reduction = std::min(1.0, scale / pose.blur);
  const auto side = [&](int whole) { return std::max(1, static_cast<int>(std::lround(whole * reduction))); };
  if (reduction < 1) rgba = image::resize(rgba, side(rgba.height), side(rgba.width), image::Filter::bilinear);
  return trimmed(turned(rgba, pose.degrees, scale / reduction));
}

}  // namespace springbok::data
