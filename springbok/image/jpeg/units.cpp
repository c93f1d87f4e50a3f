// From pixels to units.
#include "springbok/image/jpeg/units.h"

#include <algorithm>

namespace springbok::image {

RegionUnits units_of(const BaselineJpeg& jpeg, const Region& region) {
  constexpr int kBlock = 8;
  const BaselineComponent& luma = jpeg.components[0];
  const int width = kBlock * luma.across, height = kBlock * luma.down;
  // Smooth upsampling reads one sample beside.
  const int beside_x = 2 * (luma.across - 1), beside_y = 2 * (luma.down - 1);
  const int per_row = divided_up(jpeg.width, width), lines = divided_up(jpeg.height, height);
  return {.columns = {std::max(region.left - beside_x, 0) / width,
                      std::min(divided_up(region.left + region.width + beside_x, width), per_row)},
          .rows = {std::max(region.top - beside_y, 0) / height,
                   std::min(divided_up(region.top + region.height + beside_y, height), lines)},
          .per_row = per_row,
          .lines = lines};
}

}  // namespace springbok::image
