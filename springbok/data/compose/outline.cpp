// Areas, boxes, run lengths and masks, counted pixel by pixel.
#include "springbok/data/compose/outline.h"

#include <algorithm>
#include <limits>

namespace springbok::data {
namespace {

constexpr std::uint8_t kIgnored = 255;

struct Offset {
  int down = 0, across = 0;
};

/// All places up to `band` away.
std::vector<Offset> disk(int band) {
  std::vector<Offset> offsets;
  for (int y = -band; y <= band; ++y) {
    for (int x = -band; x <= band; ++x) {
      if (y * y + x * x <= band * band && (y != 0 || x != 0)) offsets.push_back({y, x});
    }
  }
  return offsets;
}

}  // namespace

std::vector<Outline> outlines(const std::vector<int>& owners, int width, int count) {
  const int height = static_cast<int>(owners.size()) / width;
  std::vector<Outline> all(static_cast<std::size_t>(count));
  std::vector<int> ends(all.size());  // where, in columns, the last run of each ended
  std::vector<int> top(all.size(), std::numeric_limits<int>::max()), bottom(all.size()), left(all.size()),
      right(all.size());
  int at = 0;
  for (int x = 0; x < width; ++x) {
    for (int y = 0; y < height; ++y, ++at) {
      const int owner =
          owners[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)];
      if (owner < 0) continue;
      const auto i = static_cast<std::size_t>(owner);
      Outline& outline = all[i];
      if (outline.area == 0) left[i] = x;
      if (outline.area > 0 && ends[i] == at) {
        ++outline.counts.back();
      } else {
        outline.counts.insert(outline.counts.end(), {at - ends[i], 1});
      }
      ++outline.area;
      ends[i] = at + 1;
      top[i] = std::min(top[i], y);
      bottom[i] = std::max(bottom[i], y);
      right[i] = x;
    }
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (ends[i] < at) all[i].counts.push_back(at - ends[i]);
    if (all[i].area > 0) all[i].box = {top[i], left[i], bottom[i] - top[i] + 1, right[i] - left[i] + 1};
  }
  return all;
}

image::Image class_mask(const std::vector<int>& owners, int width, const std::vector<int>& labels, int band) {
  const int height = static_cast<int>(owners.size()) / width;
  const std::vector<Offset> around = disk(band);
  const auto owner_at = [&](int y, int x) {
    return owners[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)];
  };
  image::Image mask(height, width, 1);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const int owner = owner_at(y, x);
      const bool near_another = std::any_of(around.begin(), around.end(), [&](const Offset& step) {
        const int down = y + step.down, across = x + step.across;
        if (down < 0 || down >= height || across < 0 || across >= width) return false;
        const int other = owner_at(down, across);
        return other >= 0 && other != owner;
      });
      const int label = owner < 0 ? 0 : labels[static_cast<std::size_t>(owner)] + 1;
      mask.row(y)[x] = near_another ? kIgnored : static_cast<std::uint8_t>(label);
    }
  }
  return mask;
}

}  // namespace springbok::data
