// Golden files of erasing, rotation and whole transforms.
#include <ATen/Functions.h>

#include <cmath>

#include "springbok/base/error.h"
#include "springbok/data/augment/erase.h"
#include "springbok/data/augment/image_op.h"
#include "springbok/data/augment/jitter.h"
#include "springbok/data/augment/random_crop.h"
#include "springbok/data/augment/toolbox_cutout.h"
#include "springbok/data/augment/transform.h"
#include "springbok/image/geometry.h"
#include "springbok/image/normalise.h"
#include "springbok/image/resize.h"
#include "tests/golden/functions/image_sheet.h"

namespace springbok::golden {

using nlohmann::json;

void check_cutout(Sheet& sheet) {
  compare_images(sheet);
  for (std::size_t i = 0; i < sheet.at("cases").size(); ++i) {
    const json& row = sheet.file["cases"][i];
    const std::string what = format("case {}", i);
    const bool pillow = row["input"] == "PIL image";
    const json args = row.value("args", json::object());
    data::ToolboxCutout cutout{.probability = args.value("p", 0.5), .swapped = pillow};
    cutout.fill = pillow ? data::CutoutFill::red : data::CutoutFill::grey;
    if (args.value("pixel_level", false)) cutout.fill = data::CutoutFill::pixels;
    if (args.contains("scale")) cutout.share_min = args["scale"][0], cutout.share_max = args["scale"][1];
    if (args.contains("ratio")) cutout.ratio_min = args["ratio"][0], cutout.ratio_max = args["ratio"][1];
    if (args.contains("value")) {
      const json& value = args["value"];
      cutout.low = value.is_array() ? value[0] : value, cutout.high = value.is_array() ? value[1] : value;
    }
    image::Image image = image_of(sheet, row);
    Listed answers(sheet, what, row["draws"]);
    if (row.contains("fails")) {  // larger than the image: here that changes nothing
      const image::Image before = image;
      data::cut_out(image, cutout, data::Draws(answers));
      sheet.expect(image == before, what + ": something is cut out");
      continue;
    }
    if (cutout.fill == data::CutoutFill::pixels) answers.pixels_behind(std::ssize(image.pixels));
    data::cut_out(image, cutout, data::Draws(answers));
    answers.expect_used();
    compare_image(sheet, what, image, row);
  }
}

namespace {

/// (C,H,W) as the floats (H,W,C) of a batch.
std::vector<float> as_pixels(const at::Tensor& image) {
  const at::Tensor rows = image.permute({1, 2, 0}).to(at::kFloat).contiguous();
  return {rows.const_data_ptr<float>(), rows.const_data_ptr<float>() + rows.numel()};
}

at::Tensor as_tensor(std::vector<float>& pixels, image::Size size, int channels) {
  return at::from_blob(pixels.data(), {size.height, size.width, channels}, at::kFloat).permute({2, 0, 1}).clone();
}

/// With a value of its own, or with the mean or noise as a training erases.
void erase_as_asked(std::vector<float>& pixels, image::Size size, int channels, const data::Erasing& erasing,
                    const json& value, data::Draws draws) {
  if (value.is_string() || value.is_null()) {
    return data::erase_at_random(pixels.data(), size, channels, erasing, draws);
  }
  if (draws.uniform() >= erasing.probability) return;
  std::vector<float> values;
  for (const json& each : value.is_array() ? value : json::array({value})) values.push_back(each.get<float>());
  if (const auto region = data::choose_erasure(size, erasing, draws)) {
    data::erase(pixels.data(), size, channels, *region, values);
  }
}

}  // namespace

void check_erasing(Sheet& sheet) {
  const at::Tensor input = input_of(sheet.at("input"));
  const auto channels = static_cast<int>(input.size(0));
  const image::Size size{static_cast<int>(input.size(1)), static_cast<int>(input.size(2))};
  for (std::size_t i = 0; i < sheet.at("cases").size(); ++i) {
    const json& row = sheet.file["cases"][i];
    const std::string what = format("case {}", i);
    const json args = row.value("args", json::object()), value = args.value("value", json());
    data::Erasing erasing = data::erasing_of(args.value("p", 0.5), data::ErasingForm::toolbox,
                                             value.is_string() ? data::ErasingFill::pixel : data::ErasingFill::mean);
    if (args.contains("scale")) erasing.share_min = args["scale"][0], erasing.share_max = args["scale"][1];
    if (args.contains("ratio")) erasing.ratio_min = args["ratio"][0], erasing.ratio_max = args["ratio"][1];
    std::vector<float> pixels = as_pixels(input);
    Listed answers(sheet, what, row["draws"]);
    erase_as_asked(pixels, size, channels, erasing, value, data::Draws(answers));
    answers.expect_used();
    sheet.tensor(what + ": output", as_tensor(pixels, size, channels), row["output"]);
  }
}

void check_rotation(Sheet& sheet) {
  compare_images(sheet);
  for (const json& row : sheet.at("rows")) {
    const std::string of = row.value("of", "");
    if (of.find("torchvision") == std::string::npos) {
      sheet.unknown("rotation of " + of);
      continue;
    }
    image::Image image = image_of(sheet, row);
    data::rotate(image, row["angle"]);
    compare_image(sheet, format("{} by {}", row["image"].dump(), row["angle"].dump()), image, row);
  }
}

namespace {

const std::vector<double> kMean{0.485, 0.456, 0.406}, kStd{0.229, 0.224, 0.225};

/// (C,H,W) float32, normalised.
at::Tensor normalised(const image::Image& image) {
  std::vector<float> pixels(image.pixels.size());
  image::Normaliser(kMean, kStd)(image, pixels.data());
  return as_tensor(pixels, {image.height, image.width}, image.channels);
}

void compare_step(Sheet& sheet, const std::string& what, const json& row, const std::string& after,
                  const image::Image& image) {
  for (const json& step : row.value("steps", json::array())) {
    if (step["after"] == after) compare_image(sheet, what + ": " + after, image, step);
  }
}

/// Whose pixels the file has: Pillow's from 13 on resize some sizes the other way first.
image::PassOrder pass_order(const Sheet& sheet) {
  const std::string version = sheet.file.value("versions", json::object()).value("pillow", "12");
  return std::stoi(version) >= 13 ? image::PassOrder::pillow13 : image::PassOrder::pillow12;
}

void compare_training(Sheet& sheet, const std::string& what, const json& row) {
  const image::Image input = image_of(sheet, row);
  const json& crop = row["crop_top_left_height_width"];
  const int size = row["size"];
  image::ResizeOptions options{
      .height = size, .width = size, .filter = image::Filter::bilinear, .order = pass_order(sheet)};
  options.crop = image::Region{crop[0], crop[1], crop[2], crop[3]};
  compare_step(sheet, what, row, "crop", image::resize(input, options));
  options.flip = row["flip"];
  image::Image image = image::resize(input, options);
  compare_step(sheet, what, row, "flip", image);
  const json& factors = row["brightness_contrast_saturation"];
  data::JitterChoice choice;
  for (std::size_t i = 0; i < choice.order.size(); ++i) choice.order[i] = row["jitter_order"][i];
  for (std::size_t i = 0; i < factors.size(); ++i) choice.amounts[i] = factors[i];
  constexpr double kStrength = 0.4;
  data::jitter(image, {.brightness = kStrength, .contrast = kStrength, .saturation = kStrength}, choice);
  compare_step(sheet, what, row, "jitter", image);
  sheet.tensor(what + ": tensor", normalised(image), row["tensor_float32"], 1e-6);
}

/// RandomResizedCrop's draws: shares, logarithms of ratios, then the middle of what a place may be.
class CropDraws : public data::Answers {
 public:
  CropDraws(Sheet& sheet, std::string what, const json& row) : sheet_(sheet), what_(std::move(what)), row_(row) {}
  double unit() override { fail("{}: asks for a number that the file does not have", what_); }
  double normal() override { return unit(); }
  double between(double low, double high) override {
    const json& draw = row_["uniform_low_high_u"].at(next_++);
    sheet_.near(what_ + ": least", low, draw[0], 1e-7);
    sheet_.near(what_ + ": most", high, draw[1], 1e-7);
    const auto from = static_cast<float>(low), to = static_cast<float>(high);
    return draw[2].get<float>() * (to - from) + from;
  }
  std::uint64_t below(std::uint64_t bound) override {
    const json& range = row_["randint_low_high_middle_taken"].at(next_place_++);
    const std::int64_t low = range[0], high = range[1];
    sheet_.equal(what_ + ": places", static_cast<std::int64_t>(bound), high - low + 1);
    return static_cast<std::uint64_t>((low + high) / 2 - low);
  }

 private:
  Sheet& sheet_;
  std::string what_;
  const json& row_;
  std::size_t next_ = 0, next_place_ = 0;
};

void compare_crop(Sheet& sheet, const json& row) {
  const image::Size size{row["height"], row["width"]};
  const std::string what = format("crop of {}x{}", size.width, size.height);
  CropDraws answers(sheet, what, row);
  const image::Region region = data::random_region(size, {}, data::Draws(answers));
  sheet.equal(what, json({region.top, region.left, region.height, region.width}), row["top_left_height_width"]);
}

}  // namespace

void check_train_transform(Sheet& sheet) {
  compare_images(sheet);
  for (std::size_t i = 0; i < sheet.file.value("cases", json::array()).size(); ++i) {
    compare_training(sheet, format("case {}", i), sheet.file["cases"][i]);
  }
  for (const json& row : sheet.file.value("crop_parameters", json::array())) compare_crop(sheet, row);
}

namespace {

/// floor(256 u) of a fill's key, or `(5x + 3y + 80c) mod 256`.
image::Image elastic_image(const json& row) {
  const int width = row["width"], height = row["height"];
  const std::string name = row["image"];
  image::Image image(height, width, 3);
  const bool pattern = name.find("mod 256") != std::string::npos;
  if (pattern && name != "(5x + 3y + 80c) mod 256") fail("an image '{}'", name);
  const at::Tensor u = fill_u(name, {height, width, 3});
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    const std::size_t c = i % 3, x = i / 3 % width, y = i / 3 / width;
    const double value =
        pattern ? static_cast<double>((5 * x + 3 * y + 80 * c) % 256) : std::floor(256 * u.const_data_ptr<double>()[i]);
    image.pixels[i] = static_cast<std::uint8_t>(value);
  }
  return image;
}

std::string tensor_digest(const at::Tensor& tensor) {
  const at::Tensor bytes = tensor.contiguous();
  return digest_of(std::span(static_cast<const std::uint8_t*>(bytes.const_data_ptr()),
                             static_cast<std::size_t>(bytes.numel()) * sizeof(float)));
}

/// Digest (where `exact`), shape, and the single numbers that the file gives.
void compare_float(Sheet& sheet, const std::string& what, const at::Tensor& got, const json& wanted, bool exact) {
  constexpr double kBound = 1e-6;
  sheet.equal(what + ": shape", got.sizes().vec(), wanted["shape"]);
  if (exact) sheet.equal(what + ": digest", tensor_digest(got), wanted["fnv1a64"]);
  const at::Tensor flat = got.to(at::kDouble).reshape({-1});
  const auto run = [&](const char* key, std::int64_t from) {
    for (std::size_t i = 0; i < wanted.value(key, json::array()).size(); ++i) {
      sheet.near(format("{}: {} {}", what, key, i), flat[from + static_cast<std::int64_t>(i)].item<double>(),
                 wanted[key][i], kBound);
    }
  };
  run("first", 0);
  run("last", flat.numel() - static_cast<std::int64_t>(wanted.value("last", json::array()).size()));
  for (const json& place : wanted.value("at", json::array())) {
    sheet.near(format("{}[{}]", what, place[0].dump()), flat[place[0].get<std::int64_t>()].item<double>(), place[1],
               kBound);
  }
  sheet.near(what + ": sum", flat.sum().item<double>(), wanted["sum"], kBound, flat.abs().sum().item<double>());
  sheet.near(what + ": l2", flat.norm().item<double>(), wanted["l2"], kBound, flat.norm().item<double>());
}

void compare_evaluation(Sheet& sheet, const std::string& what, const image::Image& pixels, const json& wanted) {
  compare_image(sheet, what + ": pixels", pixels, wanted["uint8"]);
  compare_float(sheet, what + ": tensor", normalised(pixels), wanted["tensor"], true);
}

void compare_elastic(Sheet& sheet, const json& row) {
  const image::Image input = elastic_image(row);
  const std::string name = format("{}x{}", input.width, input.height);
  const data::Preprocess preprocess{.resampler = pass_order(sheet), .mean = kMean, .std = kStd};
  Rng unused(0, {});
  const image::Image central = data::Transform(preprocess).pixels(input, unused);
  if (row.contains("classify")) {
    compare_evaluation(sheet, name + " classify", central, row["classify"]);
    const json& side = row["classify"]["resized_to_width_height"];
    const image::Size size = image::shorter_side_to({input.height, input.width}, data::shorter_side(preprocess));
    sheet.equal(name + ": resized to", json({size.width, size.height}), side);
  }
  if (row.contains("multilabel_classify")) {
    const image::ResizeOptions squashed{
        .height = preprocess.size, .width = preprocess.size, .order = preprocess.resampler};
    compare_evaluation(sheet, name + " multilabel_classify", image::resize(input, squashed),
                       row["multilabel_classify"]);
  }
  if (row.contains("docker_classify"))  // normalised on the device: the same but for rounding
    compare_float(sheet, name + " docker_classify", normalised(central), row["docker_classify"]["tensor"], false);
}

}  // namespace

void check_elastic_evaluation(Sheet& sheet) {
  for (const json& row : sheet.at("images")) compare_elastic(sheet, row);
}

}  // namespace springbok::golden
