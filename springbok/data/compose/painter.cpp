// Painting layers over a photograph.
#include "springbok/data/compose/painter.h"

#include <algorithm>
#include <utility>

#include "springbok/data/compose/cutouts.h"

namespace springbok::data {
namespace {

/// Calls `visit(place, rgba)` for the layer's pixels inside the picture; `place` is the pixel's number in it.
template <class Visit>
void over_layer(const image::Image& picture, const image::Image& layer, int top, int left, Visit visit) {
  const int from_y = std::max(0, -top), to_y = std::min(layer.height, picture.height - top);
  const int from_x = std::max(0, -left), to_x = std::min(layer.width, picture.width - left);
  for (int y = from_y; y < to_y; ++y) {
    const std::size_t row = static_cast<std::size_t>(top + y) * static_cast<std::size_t>(picture.width);
    for (int x = from_x; x < to_x; ++x) {
      visit(row + static_cast<std::size_t>(left + x), layer.row(y) + static_cast<std::size_t>(x) * 4);
    }
  }
}

bool is_object(const std::uint8_t* rgba) {
  return rgba[3] >= kObjectAlpha;
}

bool enough(std::int64_t seen, std::int64_t of) {
  constexpr std::int64_t kFewest = 24, kPercent = 40;
  return seen >= kFewest && seen * 100 >= of * kPercent;
}

}  // namespace

Painter::Painter(image::Image background)
    : pixels_(std::move(background)),
      owners_(static_cast<std::size_t>(pixels_.height) * static_cast<std::size_t>(pixels_.width), -1) {}

bool Painter::paint(const image::Image& layer, int top, int left) {
  std::int64_t seen = 0;
  std::vector<std::int64_t> taken(areas_.size());
  over_layer(pixels_, layer, top, left, [&](std::size_t place, const std::uint8_t* rgba) {
    if (!is_object(rgba)) return;
    ++seen;
    if (owners_[place] >= 0) ++taken[static_cast<std::size_t>(owners_[place])];
  });
  if (!enough(seen, object_area(layer))) return false;
  for (std::size_t i = 0; i < areas_.size(); ++i) {
    if (taken[i] > 0 && !enough(areas_[i] - taken[i], first_areas_[i])) return false;
  }
  areas_.push_back(0);
  first_areas_.push_back(seen);
  blend(layer, top, left, static_cast<int>(areas_.size()) - 1);
  return true;
}

void Painter::add(const image::Image& layer, int top, int left) {
  blend(layer, top, left, static_cast<int>(areas_.size()) - 1);
  first_areas_.back() = areas_.back();
}

void Painter::blend(const image::Image& layer, int top, int left, int owner) {
  constexpr int kOpaque = 255;
  over_layer(pixels_, layer, top, left, [&](std::size_t place, const std::uint8_t* rgba) {
    std::uint8_t* to = &pixels_.pixels[place * 3];
    const int alpha = rgba[3];
    for (int c = 0; c < 3; ++c) {
      to[c] = static_cast<std::uint8_t>((to[c] * (kOpaque - alpha) + rgba[c] * alpha + kOpaque / 2) / kOpaque);
    }
    if (!is_object(rgba)) return;
    int& held = owners_[place];
    if (held >= 0) --areas_[static_cast<std::size_t>(held)];
    held = owner;
    ++areas_[static_cast<std::size_t>(owner)];
  });
}

}  // namespace springbok::data
