// What a caller's image must be before its pixels are read.
#pragma once

#include <initializer_list>

#include "springbok/image/image.h"
#include "springbok/image/region.h"

namespace springbok::image {

/// Throws Error naming `what` was to be done for an image without pixels, or whose pixels are not as many as its size
/// and channels say.
void expect_whole(const Image& image, const char* what);

/// The same, and for channels other than these.
void expect_channels(const Image& image, std::initializer_list<int> channels, const char* what);

/// Throws Error for a region without pixels, or not inside an image of that size.
void expect_inside(const Region& region, Size image, const char* what);

/// Throws Error for another quantity than `what` takes.
void expect_between(double value, double least, double most, const char* what);

}  // namespace springbok::image
