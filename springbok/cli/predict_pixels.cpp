// What `predict` says of pixels: each class's share of the image, masks, overlays and a legend.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <numeric>
#include <optional>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/quote.h"
#include "springbok/cli/mask_files.h"
#include "springbok/cli/outputs.h"
#include "springbok/cli/predict.h"
#include "springbok/data/masks/mask_folder.h"
#include "springbok/image/encode.h"
#include "springbok/image/paint.h"
#include "springbok/model/evaluate.h"
#include "springbok/model/pixel_scores.h"
#include "springbok/study/legend.h"
#include "springbok/tasks/segment.h"

namespace springbok::cli {
namespace {

using Json = nlohmann::ordered_json;

/// The image as a batch of one, at its own size.
data::Batch batch_of(const image::Image& image, const data::Preprocess& preprocess, std::int64_t sample) {
  data::Batch batch;
  batch.size = 1;
  batch.height = image.height;
  batch.width = image.width;
  batch.channels = image.channels;
  batch.pixels.resize(image.pixels.size());
  image::Normaliser(preprocess.mean, preprocess.std)(image, batch.pixels.data());
  batch.indices = {sample};
  return batch;
}

image::Image mask_of(const PredictSeen& seen, const image::Image& photo, std::int64_t sample) {
  const model::Network& network = seen.network;
  const ComputeOptions& compute = seen.asked.compute;
  data::Batch batch = batch_of(photo, network.card.preprocess, sample);
  const at::Tensor scores = model::pixel_scores(*network.executor, network.state, batch, compute.precision,
                                                compute.views, compute.pixels, network.card.preprocess.size);
  model::check_outputs(network.card.classes, scores);
  const at::Tensor predicted = tasks::predicted_masks(scores).contiguous();
  const auto* pixels = predicted.const_data_ptr<std::uint8_t>();
  image::Image mask(photo.height, photo.width, 1);
  std::copy_n(pixels, mask.pixels.size(), mask.pixels.begin());
  if (std::find(mask.pixels.begin(), mask.pixels.end(), metrics::kIgnoredPixel) != mask.pixels.end()) {
    model::fail_not_finite(seen.input.images->name(sample));
  }
  return mask;
}

/// Of one image's mask: pixels of each class.
std::vector<std::int64_t> counts_of(const image::Image& mask, std::size_t classes) {
  std::vector<std::int64_t> counts(classes);
  for (const std::uint8_t index : mask.pixels) ++counts[index];
  return counts;
}

/// The classes that have pixels, those with the most first.
std::vector<std::size_t> by_share(const std::vector<std::int64_t>& counts) {
  std::vector<std::size_t> order(counts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::erase_if(order, [&](std::size_t c) { return counts[c] == 0; });
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return counts[a] > counts[b]; });
  return order;
}

class PixelPredictor {
 public:
  explicit PixelPredictor(const PredictSeen& seen) : seen_(seen), list_(Json::array()) {
    if (seen.asked.out.empty()) return;
    const std::filesystem::path out = seen.asked.out;
    masks_.emplace(out / "masks", *seen.input.images, ".png");
    overlays_.emplace(out / "overlays", *seen.input.images, ".jpg");
    check_masks_folder(out / "masks");
    check_writable(out / "legend.html");
  }

  void add(std::int64_t sample) {
    const image::Image photo = seen_.input.images->image(sample, seen_.network.card.preprocess.channels);
    const image::Image mask = mask_of(seen_, photo, sample);
    const std::vector<std::int64_t> counts = counts_of(mask, seen_.network.card.classes.size());
    legend_.add(counts);
    if (masks_) {
      masks_->write(sample, data::mask_png(mask));
      overlays_->write(sample, image::encode_jpeg(image::overlay(photo, mask, image::voc_palette())));
    }
    if (seen_.asked.json) {
      list_.push_back(json_of(sample, mask, counts));
    } else {
      print(sample, mask, counts);
    }
  }

  Json finish() {
    if (!masks_) return list_;
    const std::filesystem::path out = seen_.asked.out;
    data::write_class_list(out / "masks", seen_.network.card.classes);
    write_file(out / "legend.html", study::legend_page(legend_, seen_.network.card.classes));
    if (!seen_.asked.json) std::printf("legend: %s\n", printable((out / "legend.html").string()).c_str());
    return list_;
  }

 private:
  Json json_of(std::int64_t sample, const image::Image& mask, const std::vector<std::int64_t>& counts) const {
    const std::string file = masks_ ? masks_->path(sample).string() : "";
    Json json = seen_.to_json(metrics::Painted{.image = seen_.input.images->name(sample), .mask = file});
    if (masks_) {
      json["overlay"] = printable(overlays_->path(sample).string());
    } else {
      json.erase("mask");
    }
    json["height"] = mask.height;
    json["width"] = mask.width;
    json["classes"] = Json::array();
    for (const std::size_t c : by_share(counts)) {
      json["classes"].push_back({{"class", printable(seen_.network.card.classes[c])},
                                 {"colour", image::hex_colour(image::voc_palette(), static_cast<std::uint8_t>(c))},
                                 {"pixels", counts[c]},
                                 {"share", static_cast<double>(counts[c]) / static_cast<double>(mask.pixels.size())}});
    }
    return json;
  }

  void print(std::int64_t sample, const image::Image& mask, const std::vector<std::int64_t>& counts) const {
    std::printf("%s: %d x %d%s\n", one_line(seen_.input.images->name(sample)).c_str(), mask.height, mask.width,
                masks_ ? (", " + printable(overlays_->path(sample).string())).c_str() : "");
    for (const std::size_t c : by_share(counts)) {
      const std::string colour = image::hex_colour(image::voc_palette(), static_cast<std::uint8_t>(c));
      std::printf("  %6.2f %%  %s  %s\n",
                  100.0 * static_cast<double>(counts[c]) / static_cast<double>(mask.pixels.size()), colour.c_str(),
                  shortened(seen_.network.card.classes[c]).c_str());
    }
  }

  const PredictSeen& seen_;
  Json list_;
  std::optional<NamedFiles> masks_, overlays_;
  study::Legend legend_;
};

}  // namespace

Json predict_pixels(const PredictSeen& seen) {
  for (const std::string& image : seen.asked.images) check_output_folder({"--out", seen.asked.out}, {{"IMAGE", image}});
  PixelPredictor predictor(seen);
  for (std::int64_t i = 0; i < seen.input.images->size(); ++i) predictor.add(i);
  return predictor.finish();
}

}  // namespace springbok::cli
