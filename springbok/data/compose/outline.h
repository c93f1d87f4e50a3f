// What is exact about the objects of a picture: area, box and run lengths of each, and the mask of classes.
#pragma once

#include <cstdint>
#include <vector>

#include "springbok/image/image.h"
#include "springbok/image/region.h"

namespace springbok::data {

struct Outline {
  std::int64_t area = 0;  ///< pixels
  image::Region box;      ///< the smallest that holds them
  /// COCO's uncompressed run lengths of its mask: column by column, first of pixels outside, then inside, and so on.
  std::vector<int> counts;
};

/// The outlines of objects 0 to `count` - 1 in a map of owners (height x `width`, row by row, -1 for none).
std::vector<Outline> outlines(const std::vector<int>& owners, int width, int count);

/// The class of each pixel by the class of each object (`labels`): 0 for the background, else 1 + the class. 255 where
/// within `band` pixels (Euclid's distance of their middles) a pixel of another object lies: around objects, and on
/// both sides where two of them meet. 0: no band.
image::Image class_mask(const std::vector<int>& owners, int width, const std::vector<int>& labels, int band);

}  // namespace springbok::data
