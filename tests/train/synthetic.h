// Small training problems made of numbers: sources whose classes differ by brightness, and recipes for them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "springbok/base/error.h"
#include "springbok/base/rng.h"
#include "springbok/data/source/source.h"
#include "springbok/recipe/recipe.h"
#include "springbok/train/loop.h"

namespace springbok::train {

/// `count` grey images of 8x8 in `classes` classes; class c is noise around its own brightness.
class Synthetic : public data::Source {
 public:
  Synthetic(std::int64_t count, std::int64_t classes, std::uint64_t seed = 1) : count_(count), seed_(seed) {
    for (std::int64_t c = 0; c < classes; ++c) labels.push_back("class" + std::to_string(c));
  }

  std::int64_t size() const override { return count_; }
  const std::vector<std::string>& classes() const override { return labels; }
  int channels() const override { return 1; }
  image::Image image(std::int64_t index, int channels) const override {
    if (on_image) on_image(index);
    image::Image image(8, 8, channels);
    Rng rng(seed_, {static_cast<std::uint64_t>(index)});
    const auto brightness = static_cast<double>(target(index)) * 200.0 / static_cast<double>(labels.size());
    for (auto& pixel : image.pixels) pixel = static_cast<std::uint8_t>(brightness + rng.uniform(0, 55));
    return image;
  }
  std::int64_t target(std::int64_t index) const override { return index % static_cast<std::int64_t>(labels.size()); }
  std::string name(std::int64_t index) const override { return "sample" + std::to_string(index); }
  std::string description() const override { return "synthetic"; }
  std::string digest() const override { return format("{}-{}-{}", count_, labels.size(), seed_); }

  std::vector<std::string> labels;
  std::function<void(std::int64_t)> on_image;  ///< called from loading threads

 private:
  std::int64_t count_;
  std::uint64_t seed_;
};

/// ResNet-20 on Synthetic, quick.
inline recipe::Recipe small_recipe(const std::filesystem::path& out) {
  recipe::Recipe recipe;
  recipe.model = "resnet20";
  recipe.data = "synthetic";
  recipe.out = out.string();
  recipe.epochs = 3;
  recipe.batch_size = 8;
  recipe.preprocess.size = 8;
  recipe.preprocess.crop_ratio = 1;
  recipe.augment.crop = data::Crop::pad;
  recipe.augment.pad = 1;
  recipe.rate.lr = 0.05;
  recipe.warmup_epochs = 0.5;
  recipe.label_smoothing = 0.1;
  recipe.threads = 1;
  recipe.workers = 1;
  recipe.options.dropout = 0.1;
  return recipe;
}

/// Runs without any output.
inline Outcome run(const recipe::Recipe& recipe, const data::Source& training, const data::Source& validation,
                   const recipe::Given& given = {}, const std::function<std::string()>& stop = {}) {
  return train(recipe, given, training, validation, {.quiet = true, .say = [](const std::string&) {}, .stop = stop});
}

}  // namespace springbok::train
