// Where in an image: sizes, whole-pixel regions and boxes.
#pragma once

namespace springbok::image {

struct Size {
  int height = 0;
  int width = 0;
  bool operator==(const Size&) const = default;
};

/// Whole pixels: rows [top, top + height), columns [left, left + width).
struct Region {
  int top = 0;
  int left = 0;
  int height = 0;
  int width = 0;
  bool operator==(const Region&) const = default;
};

/// A part of an image in pixel coordinates, edges included as fractions; single precision as in Pillow.
struct Box {
  float left = 0;
  float top = 0;
  float right = 0;
  float bottom = 0;
};

/// The region holds pixels and lies inside an image of that size.
inline bool inside(const Region& region, Size image) {
  return region.top >= 0 && region.left >= 0 && region.height > 0 && region.width > 0 &&
         region.top <= image.height - region.height && region.left <= image.width - region.width;
}

}  // namespace springbok::image
