// Golden files of Elastic's segmentation: training transforms, and padding at test time.
#include <ATen/Functions.h>

#include "springbok/base/error.h"
#include "springbok/image/decode.h"
#include "springbok/image/geometry.h"
#include "springbok/image/palette.h"
#include "springbok/recipe/recipe.h"
#include "tests/golden/functions/elastic.h"

namespace springbok::golden {
namespace {

using data::JointForm;
using nlohmann::json;

/// The crop's floats as (C,H,W), in single precision.
at::Tensor floats_of(const data::JointCrop& crop) {
  const image::Normaliser normaliser(recipe::default_mean(3), recipe::default_std(3));
  const std::vector<float> pixels = normalised(crop, normaliser);
  const image::Image& image = crop.labelling.image;
  at::Tensor tensor = at::empty({image.height, image.width, 3}, at::kFloat);
  std::copy(pixels.begin(), pixels.end(), tensor.mutable_data_ptr<float>());
  return tensor.permute({2, 0, 1}).contiguous();
}

/// What both kinds of files say of a crop: keys that it does not know are the caller's.
void check_crop(Sheet& sheet, const std::string& what, const data::JointCrop& crop, const json& wanted) {
  sheet.equal(what + ": padding", json::array({crop.padded_top, crop.padded_left}),
              json::array({Sheet::need(wanted, "pad_top_bottom"), Sheet::need(wanted, "pad_left_right")}));
  sheet.equal(what + ": place", json::array({crop.top, crop.left}),
              json::array({Sheet::need(wanted, "row"), Sheet::need(wanted, "column")}));
  // The original returns the place where its evaluation cuts: rows and columns are swapped.
  sheet.equal(
      what + ": returned",
      json::array({crop.padded_top - crop.left, crop.padded_left - crop.top, crop.size.height, crop.size.width}),
      Sheet::need(wanted, "returned_a_b_h_w"));
  check_floats(sheet, what + ": image", floats_of(crop), Sheet::need(wanted, "image"));
  check_image(sheet, what + ": mask", crop.labelling.mask, Sheet::need(wanted, "mask"));
}

void check_case(Sheet& sheet, const std::string& what, const data::Labelling& labelling, const json& wanted) {
  const json& u = Sheet::need(wanted, "u");
  const json& size = Sheet::need(wanted, "crop");
  const data::JointAugment augment{.crop = {size.at(0), size.at(1)}, .form = JointForm::elastic};
  const data::JointChoice choice = choose_joint(augment, {labelling.image.height, labelling.image.width},
                                                {.flip = u.at(0), .scale = u.at(1), .row = u.at(2), .column = u.at(3)});
  sheet.equal(what + ": flipped", choice.flip, Sheet::need(wanted, "flipped"));
  sheet.near(what + ": scale", choice.scale, Sheet::need(wanted, "scale"));
  const data::Labelling scaled = joint_scaled(labelling, choice, JointForm::elastic);
  sheet.equal(what + ": size", json::array({scaled.image.width, scaled.image.height}),
              Sheet::need(wanted, "resized_to_width_height"));
  check_image(sheet, what + ": resized image", scaled.image, Sheet::need(wanted, "resized_image"));
  check_image(sheet, what + ": resized mask", scaled.mask, Sheet::need(wanted, "resized_mask"));
  check_crop(sheet, what, apply_joint(labelling, choice, augment, {}), wanted);
}

image::Image cut(const image::Image& mask, const image::Region& region) {
  return image::inside(region, {mask.height, mask.width}) ? image::crop(mask, region) : image::Image();
}

void check_padded(Sheet& sheet, const std::string& what, const json& wanted, const std::string& rule) {
  const int side = Sheet::need(wanted, "crop"), height = Sheet::need(wanted, "height"),
            width = Sheet::need(wanted, "width");
  const data::Labelling labelling{
      filled_image(Sheet::need(wanted, "image_fill"), height, width),
      filled_mask(Sheet::need(wanted, "mask_fill"), rule, height, width, wanted.value("mask_block", 0))};
  const data::JointAugment augment = data::only_cropped({side, side}, JointForm::elastic);
  const json& u = Sheet::need(wanted, "u");
  const data::JointChoice choice =
      choose_joint(augment, {height, width}, {.flip = 1, .scale = 0, .row = u.at(0), .column = u.at(1)});
  const data::JointCrop crop = apply_joint(labelling, choice, augment, {});
  check_crop(sheet, what, crop, wanted);
  const image::Image saved = cut_back_swapped(crop.labelling.mask, crop);
  sheet.equal(what + ": cut", json::array({saved.height, saved.width}),
              Sheet::need(wanted, "pred_a_b_h_w_gives_shape"));
  sheet.equal(what + ": the mask of the file", saved == labelling.mask,
              Sheet::need(wanted, "equals_the_mask_of_the_file"));
  const int top = crop.padded_top - crop.top, left = crop.padded_left - crop.left;
  sheet.equal(what + ": right origin", json::array({top, left}), Sheet::need(wanted, "right_origin"));
  const image::Image back = cut_back(crop.labelling.mask, crop), &mask = labelling.mask;
  sheet.expect(back.height == height && back.width == width, what + ": another size comes back");
  const image::Region shown{std::max(0, -top), std::max(0, -left), crop.content().height, crop.content().width};
  sheet.expect(cut(back, shown) == cut(mask, shown), what + ": another mask comes back");
}

}  // namespace

void check_transform(Sheet& sheet) {
  const json& input = sheet.at("input");
  const int height = Sheet::need(input, "height"), width = Sheet::need(input, "width");
  const data::Labelling labelling{
      filled_image(Sheet::need(input, "image_fill"), height, width),
      filled_mask(Sheet::need(input, "mask_fill"), Sheet::need(input, "mask"), height, width)};
  if (input.contains("image_uint8")) check_image(sheet, "image", labelling.image, input["image_uint8"]);
  if (input.contains("mask_uint8")) check_image(sheet, "mask", labelling.mask, input["mask_uint8"]);
  if (input.contains("image_png_base64")) {
    sheet.expect(image::decode(from_base64(input["image_png_base64"]), 3, "image") == labelling.image,
                 "the PNG differs");
  }
  if (input.contains("mask_png_base64")) {
    const image::Indexed mask = image::decode_indices(from_base64(input["mask_png_base64"]), "mask");
    sheet.expect(mask.indices == labelling.mask, "the mask's PNG differs");
    sheet.expect(mask.palette == image::voc_palette(), "the mask's palette differs");
  }
  for (std::size_t i = 0; i < sheet.at("cases").size(); ++i) {
    check_case(sheet, format("case {}", i), labelling, sheet.at("cases").at(i));
  }
}

void check_padding(Sheet& sheet) {
  for (std::size_t i = 0; i < sheet.at("cases").size(); ++i) {
    check_padded(sheet, format("case {}", i), sheet.at("cases").at(i), sheet.at("mask"));
  }
}

}  // namespace springbok::golden
