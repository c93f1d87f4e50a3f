// Golden files of Elastic's segmentation: IoU, palette, loss, and a whole evaluation.
#include <ATen/Functions.h>

#include <algorithm>
#include <regex>

#include "springbok/base/error.h"
#include "springbok/engine/executor.h"
#include "springbok/image/decode.h"
#include "springbok/image/palette.h"
#include "springbok/recipe/recipe.h"
#include "springbok/tasks/segment.h"
#include "tests/golden/functions/elastic.h"

namespace springbok::golden {
namespace {

using metrics::IouForm;
using metrics::PixelTally;
using nlohmann::json;

constexpr double kSingle = 1e-6;

image::Image image_of(const json& rows) {
  image::Image image(static_cast<int>(rows.size()), static_cast<int>(rows.at(0).size()), 1);
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x)
      image.row(y)[x] = rows[static_cast<std::size_t>(y)][static_cast<std::size_t>(x)];
  }
  return image;
}

/// `NAME_I: ...` of image number `i`.
std::string fill_of(const std::string& rule, int i) {
  const std::string name = rule.substr(0, rule.find(':'));
  if (!name.ends_with("_I")) fail("the rule '{}' is not known", rule);
  return name.substr(0, name.size() - 1) + std::to_string(i);
}

struct Pairs {
  std::vector<image::Image> masks, predictions;
};

/// `... of blocks of 4 x 4, v = floor(19 u), 18 means 0; where u(NAME_I, y * 40 + x) < 0.7 and the mask is not 255: the
/// mask`.
image::Image described_prediction(const std::string& rule, const image::Image& mask, int i) {
  std::smatch match;
  const std::regex known(
      "\\w+_I: blocks of ([0-9]+) x [0-9]+, v = floor\\(([0-9]+) u\\), ([0-9]+) means ([0-9]+); where u\\((\\w+)_I, y "
      "\\* "
      "([0-9]+) \\+ x\\) < ([0-9.]+) and the mask is not 255: the mask");
  if (!std::regex_match(rule, match, known) || std::stoi(match[6]) != mask.width)
    fail("the rule '{}' is not known", rule);
  const std::string blocks =
      format("blocks of {} x: v = floor({} u), {} means 255", match[1].str(), match[2].str(), match[3].str());
  image::Image prediction = filled_mask(fill_of(rule, i), blocks, mask.height, mask.width);
  const at::Tensor agree =
      fill_u(match[5].str() + "_" + std::to_string(i), {mask.height, mask.width}).lt(std::stod(match[7])).contiguous();
  for (std::size_t p = 0; p < prediction.pixels.size(); ++p) {
    if (prediction.pixels[p] == 255) prediction.pixels[p] = static_cast<std::uint8_t>(std::stoi(match[4]));
    if (agree.const_data_ptr<bool>()[p] && mask.pixels[p] != 255) prediction.pixels[p] = mask.pixels[p];
  }
  return prediction;
}

Pairs pairs_of(Sheet& sheet) {
  Pairs pairs;
  if (sheet.at("masks").is_array()) {
    for (const json& mask : sheet.at("masks")) pairs.masks.push_back(image_of(mask));
    for (const json& prediction : sheet.at("predictions")) pairs.predictions.push_back(image_of(prediction));
    return pairs;
  }
  const json& size = sheet.at("size");
  const std::string masks = sheet.at("masks"), predictions = sheet.at("predictions");
  const std::string rule = std::regex_replace(masks, std::regex(", v = "), ": v = ");
  for (int i = 0; i < size.at(0).get<int>(); ++i) {
    pairs.masks.push_back(filled_mask(fill_of(masks, i), rule, size.at(1), size.at(2)));
    pairs.predictions.push_back(described_prediction(predictions, pairs.masks.back(), i));
    const auto at = static_cast<std::size_t>(i);
    check_image(sheet, format("mask {}", i), pairs.masks.back(), sheet.at("masks_uint8").at(at));
    check_image(sheet, format("prediction {}", i), pairs.predictions.back(), sheet.at("predictions_uint8").at(at));
  }
  return pairs;
}

void check_confusion(Sheet& sheet, const PixelTally& tally, const json& wanted) {
  std::vector<std::int64_t> flat;
  json rows = json::array();
  for (std::int64_t t = 0; t < tally.classes; ++t) {
    json row = json::array();
    for (std::int64_t p = 0; p < tally.classes; ++p) {
      row.push_back(tally.at(t, p));
      flat.push_back(tally.at(t, p));
    }
    rows.push_back(row);
  }
  if (wanted.is_array()) return sheet.equal("confusion matrix", rows, wanted);
  sheet.equal("confusion matrix", digest_of(std::as_bytes(std::span(flat))), Sheet::need(wanted, "fnv1a64_int64"));
}

void check_peers(Sheet& sheet, const PixelTally& tally, const json& peers) {
  const metrics::PixelSummary seen = summary_of(tally), truth = summary_of(tally, IouForm::truth);
  for (const auto& [key, value] : peers.items()) {
    if (key == "confusion_matrix_truth_by_prediction") {
      check_confusion(sheet, tally, value);
    } else if (key == "mean_iou_of_classes_seen") {
      sheet.near(key, seen.mean_iou, value);
    } else if (key == "pixel_accuracy") {
      sheet.near(key, seen.accuracy, value);
    } else if (key == "torchmetrics_jaccard_macro_ignore_255") {
      sheet.near(key, seen.mean_iou, value, kSingle);
    } else if (key == "torchmetrics_jaccard_none") {
      sheet.numbers(key, at::tensor(seen.iou, at::kDouble), value, kSingle);
    } else if (key == "mean_iou_of_classes_in_truth") {
      sheet.near(key, truth.mean_iou, value);
    } else if (key == "mean_accuracy_of_classes_in_truth") {
      sheet.near(key, seen.mean_accuracy, value);
    } else if (key == "frequency_weighted_iou") {
      sheet.near(key, seen.frequency_weighted_iou, value);
    } else {
      sheet.unknown("peer " + key);
    }
  }
}

/// `IoU NAME: 12.34` a class, then `Mean IoU: 12.34`, behind whatever the original printed meanwhile.
void check_printed(Sheet& sheet, const metrics::PixelSummary& summary, const json& lines) {
  std::size_t next = 0;
  for (const json& line : lines) {
    const std::string text = line;
    if (text.starts_with("eval:")) continue;
    const bool mean = text.starts_with("Mean IoU");
    if (!mean && next == summary.iou.size()) return sheet.expect(false, "printed: more classes than there are");
    const double share = mean ? summary.mean_iou : summary.iou[next++];
    sheet.equal("printed", format("{}: {:.2f}", text.substr(0, text.rfind(':')), 100 * share), text);
  }
}

void check_sums(Sheet& sheet, const std::vector<PixelTally>& images, const PixelTally& all) {
  const json by_image = sheet.file.value("per_image", json::array());
  if (!by_image.empty()) sheet.equal("images", images.size(), by_image.size());
  for (std::size_t i = 0; i < std::min(images.size(), by_image.size()); ++i) {
    const metrics::PixelSummary summary = summary_of(images[i], IouForm::elastic);
    const json& wanted = by_image[i];
    sheet.equal(format("image {}: inter", i), summary.intersection, Sheet::need(wanted, "inter"));
    sheet.equal(format("image {}: union", i), summary.united, Sheet::need(wanted, "union"));
  }
  const metrics::PixelSummary summary = summary_of(all, IouForm::elastic);
  if (sheet.file.contains("inter")) sheet.equal("inter", summary.intersection, sheet.at("inter"));
  if (sheet.file.contains("union")) sheet.equal("union", summary.united, sheet.at("union"));
  sheet.numbers("iou", at::tensor(summary.iou, at::kDouble), sheet.at("iou"));
  sheet.near("mean_iou", summary.mean_iou, sheet.at("mean_iou"));
  check_printed(sheet, summary, sheet.at("printed"));
}

/// A crop as an input (1,3,H,W), float64.
at::Tensor input_tensor(const data::JointCrop& crop) {
  const image::Normaliser normaliser(recipe::default_mean(3), recipe::default_std(3));
  const std::vector<float> pixels = normalised(crop, normaliser);
  const image::Image& image = crop.labelling.image;
  at::Tensor tensor = at::empty({1, image.height, image.width, 3}, at::kFloat);
  std::copy(pixels.begin(), pixels.end(), tensor.mutable_data_ptr<float>());
  return tensor.permute({0, 3, 1, 2}).to(at::kDouble).contiguous();
}

/// A prediction (1,H,W) as an image.
image::Image image_of(const at::Tensor& mask) {
  image::Image image(static_cast<int>(mask.size(1)), static_cast<int>(mask.size(2)), 1);
  const at::Tensor whole = mask.contiguous();
  std::copy_n(whole.const_data_ptr<std::uint8_t>(), image.pixels.size(), image.pixels.begin());
  return image;
}

void check_png(Sheet& sheet, const image::Image& mask, const json& wanted) {
  const std::string file = Sheet::need(wanted, "file");
  const std::vector<std::byte> png = image::encode_indices(mask, image::voc_palette());
  const image::Indexed read = image::decode_indices(png, file);
  sheet.expect(read.indices == mask && read.palette == image::voc_palette(), file + ": another mask comes back");
  sheet.equal(file + ": size", json::array({mask.width, mask.height}),
              json::array({wanted["width"], wanted["height"]}));
  check_image(sheet, file, read.indices, Sheet::need(wanted, "indices"));
  const image::Image colours = image::decode(png, 3, file);
  sheet.equal(file + ": colours", digest_of(std::as_bytes(std::span(colours.pixels))),
              Sheet::need(wanted, "rgb_fnv1a64"));
}

}  // namespace

void check_iou(Sheet& sheet) {
  const Pairs pairs = pairs_of(sheet);
  const std::int64_t classes = sheet.at("classes");
  std::vector<PixelTally> images;
  PixelTally all;
  for (std::size_t i = 0; i < pairs.masks.size(); ++i) {
    images.push_back(metrics::count_pixels(pairs.masks[i].pixels, pairs.predictions.at(i).pixels, classes));
    all += images.back();
  }
  check_sums(sheet, images, all);
  if (sheet.file.contains("peers")) check_peers(sheet, all, sheet.at("peers"));
}

void check_palette(Sheet& sheet) {
  const image::Palette palette = image::voc_palette();
  for (const auto& [key, value] : sheet.file.items()) {
    if (key == "entries") {
      sheet.equal(key, palette.size(), value);
    } else if (key == "rgb_bytes_fnv1a64") {
      sheet.equal(key, digest_of(std::as_bytes(std::span(palette))), value);
    } else if (key == "first_21") {
      sheet.equal(key, image::Palette(palette.begin(), palette.begin() + 21), value);
    } else if (key == "number_21") {
      sheet.equal(key, palette[21], value);
    } else if (key == "last") {
      sheet.equal(key, palette.back(), value);
    } else if (key == "equals_voc_bit_formula") {
      sheet.equal(key, true, value);  // voc_palette is that formula
    }
  }
}

void check_pixel_loss(Sheet& sheet) {
  const at::Tensor logits = input_of(sheet.at("logits")).set_requires_grad(true);
  const at::Tensor masks = input_of(sheet.at("target")).to(at::kByte);
  const auto mean = [&](const at::Tensor& scores, const at::Tensor& truth) {
    const tasks::PixelLoss loss = tasks::pixel_loss(scores, truth);
    return loss.sum.div(static_cast<double>(loss.counted));
  };
  sheet.equal("counted", tasks::pixel_loss(logits, masks).counted, sheet.at("counted"));
  const at::Tensor loss = tasks::pixel_loss_sum(logits, masks).div(static_cast<double>(logits.size(0)));
  loss.backward();
  const at::Tensor gradient = logits.grad().reshape({-1});
  const at::Tensor log_softmax = at::log_softmax(logits.detach(), 1), detached = logits.detach();
  sheet.near("loss", loss.item<double>(), sheet.at("loss"));
  sheet.near("loss_of_log_softmax", mean(log_softmax, masks).item<double>(), sheet.at("loss_of_log_softmax"));
  sheet.near("loss_float32", mean(detached.to(at::kFloat), masks).item<double>(), sheet.at("loss_float32"), kSingle);
  sheet.near("all_ignored", mean(detached, at::full_like(masks, 255)).item<double>(), sheet.at("all_ignored"));
  const json &first = sheet.at("gradient_first"), &last = sheet.at("gradient_last");
  sheet.numbers("gradient", gradient.narrow(0, 0, std::ssize(first)), first);
  sheet.numbers("gradient", gradient.narrow(0, gradient.numel() - std::ssize(last), std::ssize(last)), last);
  for (const json& at : sheet.at("gradient_at")) {
    sheet.near(format("gradient[{}]", at[0].get<std::int64_t>()), gradient[at[0].get<std::int64_t>()].item<double>(),
               at[1]);
  }
  sheet.near("gradient_l2", gradient.norm().item<double>(), sheet.at("gradient_l2"));
  sheet.near("gradient_sum_abs", gradient.abs().sum().item<double>(), sheet.at("gradient_sum_abs"));
}

void check_evaluation(Sheet& sheet) {
  const graph::Graph graph = described_net(sheet.file);
  const engine::State state = described_weights(graph);
  const engine::Executor executor(graph);
  const int side = std::stoi(option_of(sheet.file, "--crop_size"));
  const data::JointAugment augment = data::only_cropped({side, side}, data::JointForm::elastic);
  const std::vector<data::Labelling> labellings = labellings_of(sheet.at("data"));
  const at::Tensor draws = fill_u(sheet.at("draws").at("fill"), {std::ssize(labellings), 2});
  std::vector<PixelTally> images;
  PixelTally all;
  for (std::size_t i = 0; i < labellings.size(); ++i) {
    const at::Tensor u = draws[static_cast<std::int64_t>(i)];
    const data::Labelling& labelling = labellings[i];
    const data::JointChoice choice =
        choose_joint(augment, {labelling.image.height, labelling.image.width},
                     {.flip = 1, .scale = 0, .row = u[0].item<double>(), .column = u[1].item<double>()});
    const data::JointCrop crop = apply_joint(labelling, choice, augment, {});
    const at::Tensor scores = executor.forward(state, input_tensor(crop), {.train = false}).detach();
    images.push_back(tasks::pixel_tally(scores, mask_tensor(crop.labelling.mask), 0));
    all += images.back();
    check_png(sheet, cut_back_swapped(image_of(tasks::predicted_masks(scores)), crop), sheet.at("files").at(i));
  }
  check_sums(sheet, images, all);
}

}  // namespace springbok::golden
