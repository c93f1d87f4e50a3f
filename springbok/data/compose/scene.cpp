// Drawing scenes; every number of one comes from its own stream, in this order.
#include "springbok/data/compose/scene.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "springbok/data/compose/painter.h"
#include "springbok/data/compose/pose.h"
#include "springbok/image/blur.h"
#include "springbok/image/colour.h"
#include "springbok/image/geometry.h"
#include "springbok/image/resize.h"

namespace springbok::data {
namespace {

constexpr double kSmallestSide = 16, kLargestShare = 0.65;  // of an object: the root of its area; of the image's size

using Classes = std::vector<std::vector<Cutout>>;

/// One chance in `many`.
bool once_in(Rng& rng, std::uint64_t many) {
  return rng.below(many) == 0;
}

double evenly_in_logarithms(Rng& rng, double low, double high) {
  return low * std::pow(high / low, rng.uniform());
}

image::Size drawn_size(Rng& rng, int longer) {
  static constexpr std::array kAspects{4.0 / 3, 3.0 / 4, 3.0 / 2, 2.0 / 3, 1.0, 4.0 / 3};  // width : height
  const double aspect = kAspects[rng.below(kAspects.size())];
  const auto shorter = static_cast<int>(std::lround(longer * std::min(aspect, 1 / aspect)));
  return aspect >= 1 ? image::Size{shorter, longer} : image::Size{longer, shorter};
}

/// Half to all of a photograph, as far as the size's shape allows, in other light and focus.
image::Image drawn_background(Rng& rng, const std::vector<image::Image>& photographs, image::Size size) {
  constexpr double kLeast = 0.5, kMostBlur = 2;
  const image::Image& photograph = photographs[rng.below(photographs.size())];
  const double fit = std::min(static_cast<double>(photograph.height) / size.height,
                              static_cast<double>(photograph.width) / size.width);
  const double share = fit * rng.uniform(kLeast, 1);
  const auto side = [&](int whole, int most) { return std::clamp(static_cast<int>(whole * share), 1, most); };
  const int height = side(size.height, photograph.height), width = side(size.width, photograph.width);
  const auto place = [&](int free) { return static_cast<int>(rng.below(static_cast<std::uint64_t>(free) + 1)); };
  const int top = place(photograph.height - height), left = place(photograph.width - width);
  image::Image part = image::resize(photograph, {.height = size.height,
                                                 .width = size.width,
                                                 .filter = image::Filter::bicubic,
                                                 .crop = image::Region{top, left, height, width},
                                                 .flip = once_in(rng, 2)});
  image::adjust_brightness(part, rng.uniform(0.7, 1.3));
  image::adjust_contrast(part, rng.uniform(0.7, 1.2));
  image::adjust_saturation(part, rng.uniform(0.5, 1.2));
  const double blur = rng.uniform(-kMostBlur, kMostBlur);
  return blur > 0 ? image::gaussian_blur(part, static_cast<float>(blur)) : part;
}

const Cutout& drawn_cutout(Rng& rng, const std::vector<Cutout>& of_class) {
  return of_class[rng.below(of_class.size())];
}

/// Where a layer's top or left edge goes so that its middle falls at `middle`.
int edge(double middle, int extent) {
  return static_cast<int>(std::floor(middle - extent / 2.0));
}

/// 4 to 9 small ones of a class close together, as one object.
void paint_crowd(Rng& rng, const Classes& classes, Painter& painter, std::vector<SceneObject>& objects) {
  constexpr double kInner = 0.25, kSpread = 1.6;
  const int height = painter.pixels().height, width = painter.pixels().width;
  SceneObject crowd{.label = static_cast<int>(rng.below(classes.size())), .crowd = true, .cutouts = {}, .outline = {}};
  const double side = evenly_in_logarithms(rng, kSmallestSide, 0.15 * std::max(height, width));
  const double y = height * rng.uniform(kInner, 1 - kInner), x = width * rng.uniform(kInner, 1 - kInner);
  const auto members = 4 + rng.below(6);
  for (std::uint64_t i = 0; i < members; ++i) {
    const Cutout& cutout = drawn_cutout(rng, classes[static_cast<std::size_t>(crowd.label)]);
    const image::Image layer = posed(cutout, drawn_pose(rng, side * rng.uniform(0.8, 1.2)));
    const int top = edge(y + side * rng.uniform(-kSpread, kSpread), layer.height);
    const int left = edge(x + side * rng.uniform(-kSpread, kSpread), layer.width);
    if (crowd.cutouts.empty()) {
      if (!painter.paint(layer, top, left)) continue;
    } else {
      painter.add(layer, top, left);
    }
    crowd.cutouts.push_back(cutout.name);
  }
  if (!crowd.cutouts.empty()) objects.push_back(std::move(crowd));
}

/// One object where it is seen well enough; after so many places in vain, none.
void paint_object(Rng& rng, const Classes& classes, double largest, Painter& painter,
                  std::vector<SceneObject>& objects) {
  constexpr int kTries = 8;
  const auto label = static_cast<int>(rng.below(classes.size()));
  const Cutout& cutout = drawn_cutout(rng, classes[static_cast<std::size_t>(label)]);
  const double side = evenly_in_logarithms(rng, kSmallestSide, std::max(largest, kSmallestSide + 1));
  const image::Image layer = posed(cutout, drawn_pose(rng, side));
  for (int i = 0; i < kTries; ++i) {
    const int top = edge(painter.pixels().height * rng.uniform(), layer.height);
    const int left = edge(painter.pixels().width * rng.uniform(), layer.width);
    if (!painter.paint(layer, top, left)) continue;
    objects.push_back({.label = label, .crowd = false, .cutouts = {cutout.name}, .outline = {}});
    return;
  }
}

}  // namespace

Scene draw_scene(const Classes& cutouts, const std::vector<image::Image>& backgrounds, const SceneSettings& settings,
                 Rng rng) {
  constexpr std::uint64_t kOneEmptyOf = 12, kOneCrowdOf = 10, kMostObjects = 5, kOneSoftOf = 4;
  Scene scene;
  const image::Size size = drawn_size(rng, settings.size);
  Painter painter(drawn_background(rng, backgrounds, size));
  if (!once_in(rng, kOneEmptyOf)) {
    if (once_in(rng, kOneCrowdOf)) paint_crowd(rng, cutouts, painter, scene.objects);
    const std::uint64_t wanted = 1 + rng.below(kMostObjects);
    for (std::uint64_t i = 0; i < wanted; ++i) {
      paint_object(rng, cutouts, kLargestShare * settings.size, painter, scene.objects);
    }
  }
  const int count = static_cast<int>(scene.objects.size());
  std::vector<Outline> found = outlines(painter.owners(), size.width, count);
  std::vector<int> labels;
  for (std::size_t i = 0; i < found.size(); ++i) {
    scene.objects[i].outline = std::move(found[i]);
    labels.push_back(scene.objects[i].label);
  }
  scene.mask = class_mask(painter.owners(), size.width, labels, settings.band);
  scene.pixels = once_in(rng, kOneSoftOf)
                     ? image::gaussian_blur(painter.pixels(), static_cast<float>(rng.uniform(0.3, 1)))
                     : painter.pixels();
  scene.quality = 80 + static_cast<int>(rng.below(16));
  return scene;
}

}  // namespace springbok::data
