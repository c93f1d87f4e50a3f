// Images turned as EXIF asks for: pixels, sizes and regions.
#pragma once

#include <optional>

#include "springbok/image/encoded.h"
#include "springbok/image/image.h"
#include "springbok/image/region.h"

namespace springbok::image {

/// The image turned by an orientation of 1 to 8, as Pillow's `exif_transpose`; 1 leaves it.
Image turned(Image image, int orientation);
Size turned(Size size, int orientation);
/// Where a region of an image of `size` lies after turning, and back.
Region turned(const Region& region, Size size, int orientation);
Region turned_back(const Region& region, Size size, int orientation);

/// An encoded image, which must outlive it, as it looks once turned: sizes, regions and pixels are the turned ones.
class Upright {
 public:
  Upright(const Encoded& encoded, int orientation) : encoded_(encoded), orientation_(orientation) {}

  Size size() const { return turned(encoded_.size(), orientation_); }
  int channels() const { return encoded_.channels(); }
  Image whole() const { return turned(encoded_.whole(), orientation_); }
  Part part(const Region& region, Image reused) const;
  std::optional<Reduced> reduced(const Region& region, int factor, Image reused) const;

 private:
  const Encoded& encoded_;
  int orientation_;
};

}  // namespace springbok::image
