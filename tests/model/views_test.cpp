// Test-time flip: the mean of two passes, one over the mirror images.
#include "springbok/model/views.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <cmath>

#include "springbok/zoo/zoo.h"

namespace springbok::model {
namespace {

TEST(Views, AreTheMeanOfTwoPasses) {
  const graph::Graph graph = zoo::build("resnet20", {.classes = 5});
  const engine::State state = engine::initialise(graph, 3);
  const engine::Executor executor(graph);
  data::Batch batch{.size = 2, .height = 8, .width = 8, .channels = 3, .pixels = {}, .targets = {}, .indices = {}};
  for (int i = 0; i < 2 * 8 * 8 * 3; ++i) batch.pixels.push_back(std::sin(static_cast<float>(i)));
  data::Batch mirrored = batch;
  at::Tensor turned = input_tensor(mirrored);
  for (std::int64_t x = 0; x < 8; ++x) turned.select(3, x).copy_(input_tensor(batch).select(3, 7 - x));
  const auto pass = [&](data::Batch& one, const Views& views = {}) {
    return scores(executor, state, one, Precision::fp32, views);
  };
  const at::Tensor own = pass(batch), other = pass(mirrored);
  const auto gap = [](const at::Tensor& a, const at::Tensor& b) { return at::sub(a, b).abs().max().item<double>(); };
  EXPECT_GT(gap(own, other), 1e-3) << "the network tells them apart";
  EXPECT_EQ(gap(own, outputs_of(executor, state, batch, Precision::fp32)), 0);
  EXPECT_LT(gap(pass(batch, {.tta = Tta::flip}), at::add(own, other).div(2)), 1e-6);
  const at::Tensor mean = at::add(at::softmax(own, 1), at::softmax(other, 1)).div(2);
  const at::Tensor got = pass(batch, {.tta = Tta::flip, .mean = TtaMean::probabilities});
  EXPECT_LT(gap(at::softmax(got, 1), mean), 1e-6);
  EXPECT_LT(gap(at::exp(got), mean), 1e-6) << "they are log-probabilities";
  EXPECT_EQ(to_text({}), "");
}

}  // namespace
}  // namespace springbok::model
