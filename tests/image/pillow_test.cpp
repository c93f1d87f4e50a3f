// Every operation against Pillow's pixels, stored as digests by make_fixtures.py.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "samples.h"
#include "springbok/base/file.h"
#include "springbok/image/blur.h"
#include "springbok/image/colour.h"
#include "springbok/image/decode.h"
#include "springbok/image/geometry.h"
#include "springbok/image/resize.h"
#include "springbok/image/tone.h"
#include "springbok/image/warp.h"

namespace springbok::image {
namespace {

using nlohmann::json;

Region region_of(const json& list) {
  return {list[0], list[1], list[2], list[3]};
}

Image resized(const Image& image, const json& row, PassOrder order) {
  const json& size = row.contains("to") ? row["to"] : row["size"];
  ResizeOptions options{.height = size[0], .width = size[1], .filter = filter_from_name(row["filter"]), .order = order};
  if (row.contains("box")) options.box = Box{row["box"][0], row["box"][1], row["box"][2], row["box"][3]};
  if (row.contains("crop")) options.crop = region_of(row["crop"]);
  if (row.contains("window") && !row["window"].is_null()) options.window = region_of(row["window"]);
  options.flip = row.value("flip", false);
  return resize(image, options);
}

/// Changes a row's image in place; false for an operation of another kind.
bool toned(const json& row, Image& image) {
  const std::string operation = row["op"];
  if (!row.contains("narrow")) return false;
  if (const int narrow = row["narrow"]; narrow > 0) {
    for (std::uint8_t& value : image.pixels) value = static_cast<std::uint8_t>(30 + value % narrow);
  }
  const double amount = row["amount"];
  if (operation == "invert") invert(image);
  if (operation == "equalise") equalise(image);
  if (operation == "autocontrast") autocontrast(image, amount);
  if (operation == "posterise") posterise(image, static_cast<int>(amount));
  if (operation == "solarise") solarise(image, amount);
  return true;
}

Image warped(const Image& image, const json& row) {
  WarpOptions options{.filter = filter_from_name(row["filter"])};
  for (std::size_t c = 0; c < row["fill"].size(); ++c) options.fill[c] = row["fill"][c];
  if (row["op"] == "rotate") return rotate(image, row["degrees"], options);
  return affine(image, row["matrix"], {row["size"][0], row["size"][1]}, options);
}

Image result_of(const json& row, PassOrder order) {
  const std::string operation = row["op"];
  if (operation == "decode") return decode(encoded_file(row["file"]), row["channels"], row["file"]);
  if (operation == "reduce") {
    const std::vector<std::byte> bytes = encoded_file(row["file"]);
    const ImageInfo whole = probe(bytes, row["file"]);
    return decode_reduced(bytes, {0, 0, whole.height, whole.width}, row["factor"], 3, row["file"])->pixels;
  }
  Image image = formula(row["image"][0], row["image"][1], row["image"][2]);
  if (operation == "resize") return resized(image, row, order);
  if (operation == "crop") return crop(image, region_of(row["region"]));
  if (operation == "flip_horizontally") return flip_horizontally(image);
  if (operation == "flip_vertically") return flip_vertically(image);
  if (operation == "pad") {
    const json& border = row["border"];
    return pad(image, {border[0], border[1], border[2], border[3]}, row["fill"].get<std::uint8_t>());
  }
  if (operation == "rotate" || operation == "affine") return warped(image, row);
  if (operation == "gaussian_blur") return gaussian_blur(image, row["radius"]);
  if (operation == "box_blur") return box_blur(image, row["radius"]);
  if (toned(row, image)) return image;
  const double factor = row["factor"];
  if (operation == "brightness") adjust_brightness(image, factor);
  if (operation == "contrast") adjust_contrast(image, factor);
  if (operation == "saturation") adjust_saturation(image, factor);
  if (operation == "sharpness") adjust_sharpness(image, factor);
  if (operation == "hue") adjust_hue(image, factor);
  return image;
}

void compare_all(const std::string& file, PassOrder order, std::size_t least_rows) {
  const json fixtures = json::parse(read_text(fixture(file)));
  for (const json& row : fixtures["rows"]) {
    const Image result = result_of(row, order);
    EXPECT_EQ(result.height, row["size"][0].get<int>()) << row;
    EXPECT_EQ(result.width, row["size"][1].get<int>()) << row;
    EXPECT_EQ(digest(result), row["digest"].get<std::string>()) << fixtures["made_by"] << " " << row;
  }
  EXPECT_GE(fixtures["rows"].size(), least_rows);
}

TEST(Pillow, Pillow12MakesTheSamePixels) {
  compare_all("pillow12.json", PassOrder::pillow12, 1600);
}
TEST(Pillow, Pillow13ResizesToTheSamePixels) {
  compare_all("pillow13.json", PassOrder::pillow13, 300);
}

TEST(Pillow, TheTwoPassOrdersDiffer) {
  const Image image = formula(211, 60, 3);
  EXPECT_NE(digest(resize(image, 64, 40, Filter::bilinear, PassOrder::pillow12)),
            digest(resize(image, 64, 40, Filter::bilinear, PassOrder::pillow13)));
}

TEST(Pillow, GreyImagesKeepTheirColour) {
  Image grey = formula(9, 8, 1);
  const Image before = grey;
  adjust_hue(grey, 0.3);
  adjust_saturation(grey, 0.3);
  EXPECT_EQ(grey, before);
}

}  // namespace
}  // namespace springbok::image
