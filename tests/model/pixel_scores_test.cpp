// Scores of pixels over scales, mirror images and windows equal PyTorch's (fixtures/make_pixel_scores.py).
#include "springbok/model/pixel_scores.h"

#include <ATen/Functions.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/graph/build.h"
#include "tests/support/message_of.h"

namespace springbok::model {
namespace {

using springbok::testing::message_of;

const nlohmann::json& fixture() {
  static const nlohmann::json document =
      nlohmann::json::parse(read_text(SPRINGBOK_SOURCE_DIR "/tests/model/fixtures/pixel_scores.json"));
  return document;
}

graph::Graph network(bool whole = true) {
  graph::Graph graph;
  const graph::Scope root{&graph, ""};
  const graph::Value image = graph::input(graph, 3);
  const graph::Value y =
      graph::conv(root / "conv", image, {.out = fixture()["classes"], .kernel = 3, .stride = 2, .bias = true});
  graph::output(whole ? graph::upsample_like(y, image) : y);
  return graph;
}

void fill_with_sines(at::Tensor tensor, double scale) {
  const at::Tensor values = at::arange(tensor.numel(), at::kDouble).mul(0.7).sin().mul(scale);
  tensor.copy_(values.reshape(tensor.sizes()));
}

engine::State state_of(const graph::Graph& graph) {
  engine::State state = engine::allocate(graph);
  const at::NoGradGuard no_grad;
  for (at::Tensor& tensor : state.tensors) fill_with_sines(tensor, tensor.dim() == 4 ? 0.6 : 0.1);
  return state;
}

data::Batch image() {
  data::Batch batch{.size = 1,
                    .height = fixture()["height"],
                    .width = fixture()["width"],
                    .channels = 3,
                    .pixels = {},
                    .targets = {},
                    .indices = {}};
  for (int i = 0; i < batch.height * batch.width * 3; ++i) {
    batch.pixels.push_back(static_cast<float>(2 * std::sin(0.7 * static_cast<double>(i))));
  }
  return batch;
}

TEST(PixelScores, EqualPyTorchs) {
  const graph::Graph graph = network();
  const engine::Executor executor(graph);
  const engine::State state = state_of(graph);
  for (const nlohmann::json& row : fixture()["rows"]) {
    data::Batch batch = image();
    const Views views{.tta = row["flip"].get<bool>() ? Tta::flip : Tta::none,
                      .mean = row["mean"] == "logits" ? TtaMean::logits : TtaMean::probabilities};
    const PixelViews pixels{.scales = row["scales"].get<std::vector<double>>(), .window = row["window"]};
    const at::Tensor scores =
        pixel_scores(executor, state, batch, Precision::fp32, views, pixels, fixture()["crop"]).contiguous();
    ASSERT_EQ(scores.sizes(), at::IntArrayRef({1, fixture()["classes"], batch.height, batch.width}));
    const at::Tensor flat = scores.flatten();
    for (std::size_t i = 0; i < row["values"].size(); ++i) {
      const auto at = static_cast<std::int64_t>(37 * i);
      EXPECT_NEAR(flat[at].item<double>(), row["values"][i].get<double>(), 2e-5) << row["name"] << " at " << at;
    }
  }
}

TEST(PixelScores, SidesArePaddedToTheRestOfTheCrop) {
  EXPECT_EQ(padded_side(500, 513), 513);
  EXPECT_EQ(padded_side(513, 513), 513);
  EXPECT_EQ(padded_side(514, 513), 545);
  EXPECT_EQ(padded_side(1, 513), 1);
  EXPECT_EQ(padded_side(500, 512), 512);
  EXPECT_EQ(padded_side(20, 17), 49);
}

TEST(PixelScores, ANetworkThatScoresFewerPixelsIsRefused) {
  const graph::Graph graph = network(false);
  const engine::Executor executor(graph);
  const engine::State state = state_of(graph);
  data::Batch batch = image();
  EXPECT_EQ(message_of<Error>([&] { pixel_scores(executor, state, batch, Precision::fp32, {}, {}, 32); }),
            "the network does not score each pixel of 32 x 32: its output has 4 dimensions, 16 x 16 at the end");
}

TEST(PixelScores, TheProtocolIsSaid) {
  EXPECT_EQ(to_text(PixelViews{}, {}, 513), "native size, padded to multiples of 32 and 1");
  EXPECT_EQ(to_text(PixelViews{}, {}, 512), "native size, padded to multiples of 32");
  const PixelViews all{.scales = {0.5, 1}, .window = 513};
  EXPECT_EQ(to_text(all, {.tta = Tta::flip}, 513),
            "native size, padded to multiples of 32 and 1; scales 0.5, 1; windows of 513 x 513; each image also "
            "mirrored, mean of logits");
  EXPECT_EQ(to_text(PixelViews{.protocol = Protocol::elastic}, {}, 513),
            "elastic: each image padded on all sides to 513 x 513, or cut to it, the truth with it");
}

}  // namespace
}  // namespace springbok::model
