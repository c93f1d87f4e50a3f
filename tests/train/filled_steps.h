// The images and steps of trainings that fixtures made in PyTorch have (fixtures/make_ten_steps.py).
#pragma once

#include <ATen/core/Tensor.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <span>
#include <vector>

#include "springbok/train/stepper.h"
#include "springbok/zoo/zoo.h"
#include "tests/golden/golden.h"

namespace springbok::train {

/// The images and targets that step `step` takes, in batches of `micro` images.
struct FilledData {
  explicit FilledData(const nlohmann::json& fixture) : batch(fixture["batch"]) {
    const std::int64_t count = fixture["images"], size = fixture["size"], classes = fixture["classes"];
    images = golden::fill("__input__", {count, 3, size, size}).contiguous(at::MemoryFormat::ChannelsLast);
    for (std::int64_t i = 0; i < count; ++i) targets.push_back(i * 7 % classes);
  }

  at::Tensor images;
  std::vector<std::int64_t> targets;
  std::int64_t batch;
};

/// One step; returns the mean loss over its images.
inline double one_step(Stepper& stepper, const FilledData& data, std::int64_t micro) {
  const std::int64_t first = stepper.step() * data.batch % static_cast<std::int64_t>(data.targets.size());
  metrics::ClassTally sums;
  for (std::int64_t at = first; at < first + data.batch; at += micro) {
    const std::int64_t count = std::min(micro, first + data.batch - at);
    const auto targets = std::span(data.targets).subspan(static_cast<std::size_t>(at), static_cast<std::size_t>(count));
    sums += stepper.add(data.images.narrow(0, at, count), targets, data.batch);
  }
  EXPECT_EQ(sums.samples, data.batch);
  return sums.mean_loss();
}

/// ResNet-20 with weights filled from their names, in float64.
struct FilledNet {
  explicit FilledNet(const nlohmann::json& fixture)
      : FilledNet(zoo::build("resnet20", {.classes = fixture["classes"]})) {}
  explicit FilledNet(graph::Graph network) : FilledNet(network, golden::filled_state(network, at::kDouble)) {}
  FilledNet(graph::Graph& network, engine::State filled) : learner(std::move(network), std::move(filled)) {}
  Learner learner;
};

/// Norms by name.
inline void expect_norms(const graph::Graph& graph, const engine::State& state, const nlohmann::json& norms) {
  for (std::size_t i = 0; i < graph.params().size(); ++i) {
    const graph::Param& param = graph.params()[i];
    if (param.integer) continue;
    const double norm = norms[param.name];
    EXPECT_NEAR(state.tensors[i].detach().norm().item<double>(), norm, 1e-6 * norm) << param.name;
  }
}

}  // namespace springbok::train
