// Reading masks, and what is refused.
#include "springbok/data/masks/mask_file.h"

#include <algorithm>

#include "springbok/base/error.h"
#include "springbok/image/decode.h"
#include "springbok/image/palette.h"

namespace springbok::data {
namespace {

void check_format(std::span<const std::byte> bytes, const std::string& name) {
  const image::ImageInfo info = image::probe(bytes, name);
  if (info.format != image::Format::png) {
    fail("{}: a mask is a PNG with a palette, or grey with 8 bits or fewer; this one is a {}", name,
         image::format_name(info.format));
  }
}

void check_indices(const image::Image& mask, const std::string& name, std::size_t classes) {
  const auto is_unknown = [&](std::uint8_t index) { return index >= classes && index != kIgnored; };
  const auto unknown = std::find_if(mask.pixels.begin(), mask.pixels.end(), is_unknown);
  if (unknown == mask.pixels.end()) return;
  const auto at = unknown - mask.pixels.begin();
  fail(
      "{}: index {} at row {}, column {} is none of the {} classes, nor {}, which counts for nothing; mend the mask, "
      "or list the classes in classes.txt",
      name, *unknown, at / mask.width, at % mask.width, classes, kIgnored);
}

}  // namespace

const std::vector<std::string>& voc_classes() {
  static const std::vector<std::string> names{
      "background", "aeroplane", "bicycle",     "bird",  "boat",        "bottle", "bus",
      "car",        "cat",       "chair",       "cow",   "diningtable", "dog",    "horse",
      "motorbike",  "person",    "pottedplant", "sheep", "sofa",        "train",  "tvmonitor"};
  return names;
}

image::Image decode_mask(std::span<const std::byte> png, const std::string& name, image::Size image,
                         std::size_t classes) {
  check_format(png, name);
  image::Image mask = image::decode_indices(png, name).indices;
  if (mask.height != image.height || mask.width != image.width) {
    fail("{}: a mask of {} x {}, where its image has {} x {} pixels; make both of one size", name, mask.height,
         mask.width, image.height, image.width);
  }
  check_indices(mask, name, classes);
  return mask;
}

}  // namespace springbok::data
