// Outlines, and whether they are near each other.
#include "springbok/metrics/boundary.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "springbok/base/error.h"
#include "springbok/metrics/pixel_tally.h"

namespace springbok::metrics {
namespace {

struct Point {
  int y = 0, x = 0;
};

/// The outlines of a mask, by class.
class Outlines {
 public:
  Outlines(const MaskPair& masks, bool predicted, std::int64_t classes)
      : height_(masks.height),
        width_(masks.width),
        points_(static_cast<std::size_t>(classes)),
        owner_(masks.truth.size(), kIgnoredPixel) {
    const auto class_at = [&](int y, int x) {
      const auto at = static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) + static_cast<std::size_t>(x);
      return predicted && masks.truth[at] != kIgnoredPixel ? masks.predicted[at] : masks.truth[at];
    };
    for (int y = 0; y < height_; ++y) {
      for (int x = 0; x < width_; ++x) {
        const std::uint8_t own = class_at(y, x);
        if (own >= classes) continue;
        const bool outline = (y > 0 && class_at(y - 1, x) != own) || (x > 0 && class_at(y, x - 1) != own) ||
                             (y + 1 < height_ && class_at(y + 1, x) != own) ||
                             (x + 1 < width_ && class_at(y, x + 1) != own);
        if (!outline) continue;
        owner_[place(y, x)] = own;
        points_[own].push_back({y, x});
      }
    }
  }

  const std::vector<Point>& points(std::size_t of_class) const { return points_[of_class]; }
  bool has(Point at, std::uint8_t of_class) const {
    return at.y >= 0 && at.y < height_ && at.x >= 0 && at.x < width_ && owner_[place(at.y, at.x)] == of_class;
  }

 private:
  std::size_t place(int y, int x) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) + static_cast<std::size_t>(x);
  }

  int height_, width_;
  std::vector<std::vector<Point>> points_;
  std::vector<std::uint8_t> owner_;  ///< the class whose outline goes through a pixel
};

/// All steps of at most `radius` pixels, the shortest first.
std::vector<Point> steps_within(double radius) {
  const int reach = static_cast<int>(radius);
  std::vector<Point> steps;
  const auto squared = [](const Point& step) { return step.y * step.y + step.x * step.x; };
  for (int y = -reach; y <= reach; ++y) {
    for (int x = -reach; x <= reach; ++x) {
      if (squared({y, x}) <= radius * radius) steps.push_back({y, x});
    }
  }
  std::stable_sort(steps.begin(), steps.end(), [&](const Point& a, const Point& b) { return squared(a) < squared(b); });
  return steps;
}

/// The share of a class's outline in `of` that has one of `other` near it.
double share_near(const Outlines& of, const Outlines& other, std::size_t of_class, const std::vector<Point>& steps) {
  const std::vector<Point>& points = of.points(of_class);
  if (points.empty() || other.points(of_class).empty()) return 0;
  const auto near = std::count_if(points.begin(), points.end(), [&](const Point& point) {
    return std::any_of(steps.begin(), steps.end(), [&](const Point& step) {
      return other.has({point.y + step.y, point.x + step.x}, static_cast<std::uint8_t>(of_class));
    });
  });
  return static_cast<double>(near) / static_cast<double>(points.size());
}

}  // namespace

std::vector<std::optional<double>> boundary_scores(const MaskPair& masks, std::int64_t classes, double tolerance) {
  const auto pixels = static_cast<std::size_t>(masks.height) * static_cast<std::size_t>(masks.width);
  if (masks.truth.size() != pixels || masks.predicted.size() != pixels) {
    fail("masks of {} and {} pixels are not {} x {}", masks.truth.size(), masks.predicted.size(), masks.height,
         masks.width);
  }
  const Outlines truth(masks, false, classes), predicted(masks, true, classes);
  const std::vector<Point> steps = steps_within(tolerance * std::hypot(masks.height, masks.width));
  std::vector<std::optional<double>> scores(static_cast<std::size_t>(classes));
  for (std::size_t c = 0; c < scores.size(); ++c) {
    if (truth.points(c).empty() && predicted.points(c).empty()) continue;
    const double precision = share_near(predicted, truth, c, steps), recall = share_near(truth, predicted, c, steps);
    scores[c] = precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall);
  }
  return scores;
}

}  // namespace springbok::metrics
