// Evaluation under Elastic's protocol: where its crops lie, and masks that come back from them.
#include "springbok/model/evaluate.h"

#include <gtest/gtest.h>

#include <map>

#include "springbok/engine/state.h"
#include "springbok/graph/build.h"
#include "tests/support/squares.h"

namespace springbok::model {
namespace {

using springbok::testing::Squares;

graph::Graph network() {
  graph::Graph graph;
  const graph::Value image = graph::input(graph, 3);
  graph::output(graph::conv(graph::Scope{&graph, ""} / "conv", image, {.out = 3, .kernel = 3, .bias = true}));
  return graph;
}

struct Masks {
  image::Image truth, predicted;
};

/// What `evaluate` tells of each image.
std::map<std::int64_t, Masks> told(const data::Source& source, const data::SampleTransform& transform,
                                   Protocol protocol) {
  const graph::Graph graph = network();
  const engine::State state = engine::initialise(graph, 5);
  const engine::Executor executor(graph);
  std::map<std::int64_t, Masks> masks;
  EvaluateSettings settings;
  settings.batch = 4;
  settings.workers = 2;
  settings.quiet = true;
  settings.pixels.protocol = protocol;
  settings.on_mask = [&](std::int64_t sample, const image::Image& truth, const image::Image& mask) {
    masks[sample] = {truth, mask};
  };
  evaluate(executor, state, source.classes(), source, transform, settings);
  return masks;
}

class ElasticProtocol : public ::testing::Test {
 protected:
  std::map<std::int64_t, Masks> masks(int crop) {
    preprocess_.size = crop;
    transform_ = evaluation_transform(preprocess_, data::TargetKind::masks, Protocol::elastic);
    return told(source_, transform_, Protocol::elastic);
  }
  data::JointCrop crop_of(std::int64_t sample) const {
    const image::Image mask = source_.mask(sample);
    return evaluated_crop(std::get<data::PixelTransform>(transform_), {mask.height, mask.width}, sample);
  }

  const Squares source_{data::TargetKind::masks, 30};  // of 18 to 22 x 20 to 22
  data::Preprocess preprocess_;
  data::SampleTransform transform_ = evaluation_transform(preprocess_, data::TargetKind::masks);
};

/// The truth that was counted on the crop is, cut back, the file's; the original's cut moves some of them.
TEST_F(ElasticProtocol, CropsLieWhereTheEvaluationTookThem) {
  int moved = 0, odd = 0;
  for (const auto& [sample, both] : masks(25)) {
    const data::JointCrop crop = crop_of(sample);
    const image::Image own = source_.mask(sample);
    EXPECT_EQ(data::cut_back(both.truth, crop), own) << sample;
    odd += static_cast<int>(crop.top + crop.left > 0);
    moved += static_cast<int>(data::cut_back_swapped(both.truth, crop) != own);
    EXPECT_EQ(data::cut_back(both.predicted, crop).height, own.height);
  }
  EXPECT_GT(odd, 0);
  EXPECT_GT(moved, 0);
  EXPECT_LT(moved, 30);
}

/// Of an image that is larger than the crop, what it does not show is 255.
TEST_F(ElasticProtocol, WhatACropDoesNotShowIsLeftOpen) {
  for (const auto& [sample, both] : masks(19)) {
    const image::Image own = source_.mask(sample), back = data::cut_back(both.truth, crop_of(sample));
    ASSERT_EQ(back.height, own.height);
    ASSERT_EQ(back.width, own.width);
    std::size_t open = 0;
    for (std::size_t i = 0; i < own.pixels.size(); ++i) {
      if (back.pixels[i] != own.pixels[i]) {
        EXPECT_EQ(back.pixels[i], data::kIgnored) << sample;
        ++open;
      }
    }
    EXPECT_LE(open, own.pixels.size() - 18 * 19);
  }
}

}  // namespace
}  // namespace springbok::model
