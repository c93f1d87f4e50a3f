// A picture that is painted layer by layer, and knows which object each of its pixels belongs to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "springbok/image/image.h"

namespace springbok::data {

/// Objects are numbered 0, 1, ... in the order in which their first layer was painted.
class Painter {
 public:
  /// Paints on a photograph, RGB.
  explicit Painter(image::Image background);

  /// Paints an RGBA layer with its top left pixel at (top, left), which may lie outside, over all that is there, as a
  /// new object. False, and nothing is painted, where too little of this or an earlier object would be seen. That is
  /// fewer than 24 pixels, or under 40 % (of an earlier one: of what was seen of it first).
  bool paint(const image::Image& layer, int top, int left);
  /// Paints it as a part of the last object, whatever it covers.
  void add(const image::Image& layer, int top, int left);

  const image::Image& pixels() const { return pixels_; }
  /// The object of each pixel, row by row; -1 for the background.
  const std::vector<int>& owners() const { return owners_; }
  std::size_t objects() const { return areas_.size(); }

 private:
  void blend(const image::Image& layer, int top, int left, int owner);

  image::Image pixels_;
  std::vector<int> owners_;
  std::vector<std::int64_t> areas_, first_areas_;  ///< pixels of each object: now, and when it was painted
};

}  // namespace springbok::data
