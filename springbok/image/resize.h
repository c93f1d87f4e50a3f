// Resizing, equal to Pillow's `Image.resize` bit for bit, fused with crop and flip.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "springbok/image/image.h"
#include "springbok/image/region.h"

namespace springbok::image {

/// Pillow's filters. All but `nearest` are antialiased: their support grows with the reduction.
enum class Filter { nearest, box, bilinear, hamming, bicubic, lanczos };

/// Which pass runs first. Results differ by 1 here and there, since each pass rounds to 8 bits. Pillow <= 12 always
/// starts with the horizontal pass; Pillow 13 starts with the vertical one when it shrinks the image much more.
enum class PassOrder { pillow12, pillow13 };

/// Their names, in the order above: `bilinear` etc. and `pillow12`, `pillow13`.
const std::vector<std::string>& filter_names();
const std::vector<std::string>& pass_order_names();
/// Throws UsageError naming the choices.
Filter filter_from_name(const std::string& name);
PassOrder pass_order_from_name(const std::string& name);

struct ResizeOptions {
  int height = 0;  ///< of the result before `window`
  int width = 0;
  Filter filter = Filter::bilinear;
  PassOrder order = PassOrder::pillow12;
  std::optional<Region> crop = {};    ///< first cut to this region: pixels outside do not exist, as after `crop`
  std::optional<Box> box = {};        ///< the part (of the crop) to scale, pixels around it still count; all by default
  std::optional<Region> window = {};  ///< compute only this part of the result, as `crop` afterwards would
  bool flip = false;                  ///< mirror the result left to right (after `window`)
};

/// The resized image: `window`'s size, or `height` x `width`. With 4 channels the last is alpha and the others are
/// weighted by it, as in Pillow (nearest excepted). Throws Error for regions that do
/// not lie inside. `reused` lends its memory to the result.
Image resize(const Image& image, const ResizeOptions& options, Image reused = {});

/// The common case.
Image resize(const Image& image, int height, int width, Filter filter, PassOrder order = PassOrder::pillow12);

/// The size torchvision's `Resize(shorter)` gives: the shorter side becomes `shorter`, the other is scaled and cut to a
/// whole number. Throws Error for a longer side of more than kMaxPixels: shapes of 60,000,000 x 1.
Size shorter_side_to(Size image, int shorter);

/// Where torchvision's `CenterCrop(size)` cuts an image that is large enough.
Region centre(Size image, Size crop);

}  // namespace springbok::image
