// What PyTorch, torchvision and timm say of losses (fixtures/make_losses.py), and the batch that they say it of.
#pragma once

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <vector>

#include "springbok/tasks/classify.h"

namespace springbok::tasks {

/// Rows of numbers, float64.
inline at::Tensor matrix(const nlohmann::json& rows) {
  std::vector<double> values;
  for (const nlohmann::json& row : rows) {
    for (const nlohmann::json& value : row) values.push_back(value.get<double>());
  }
  return at::tensor(values, at::kDouble).reshape({static_cast<std::int64_t>(rows.size()), -1});
}

class LossFixture : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ifstream(SPRINGBOK_SOURCE_DIR "/tests/tasks/fixtures/losses.json") >> fixture_;
    targets_ = fixture_["targets"].get<std::vector<std::int64_t>>();
    partners_ = fixture_["partners"].get<std::vector<std::int64_t>>();
    logits_ = matrix(fixture_["logits"]);
  }

  MixedTargets mixed(bool are) const {
    if (!are) return {.targets = targets_};
    return {.targets = targets_, .partners = partners_, .share = fixture_["share"]};
  }

  nlohmann::json fixture_;
  std::vector<std::int64_t> targets_, partners_;
  at::Tensor logits_;
};

}  // namespace springbok::tasks
