// Inside the room: which units (MCUs) of a baseline JPEG a region's pixels come from.
#pragma once

#include "springbok/image/jpeg/baseline.h"
#include "springbok/image/region.h"

namespace springbok::image {

/// Whole numbers [first, end).
struct Range {
  int first = 0, end = 0;
  int size() const { return end - first; }
  bool has(int i) const { return i >= first && i < end; }
};

constexpr int divided_up(int value, int by) {
  return (value + by - 1) / by;
}

struct RegionUnits {
  Range columns, rows;         ///< that the region needs, smooth upsampling's neighbours included
  int per_row = 0, lines = 0;  ///< of the whole image: units of a row, and rows

  int all() const { return per_row * lines; }
};

RegionUnits units_of(const BaselineJpeg& jpeg, const Region& region);

}  // namespace springbok::image
