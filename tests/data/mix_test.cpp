// Mixup and CutMix: torchvision's batches and soft targets, and shares that follow the beta distribution.
#include "springbok/data/load/mix.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/data/support.h"

namespace springbok::data {
namespace {

using nlohmann::json;

/// The batch of make_policies.py, images of classes 0, 1, ...
Batch batch_of(const json& shape) {
  Batch batch{.size = shape[0],
              .height = shape[1],
              .width = shape[2],
              .channels = shape[3],
              .pixels = {},
              .targets = {},
              .indices = {}};
  batch.pixels.resize(static_cast<std::size_t>(batch.size) * batch.height * batch.width * batch.channels);
  for (std::size_t i = 0; i < batch.pixels.size(); ++i) {
    batch.pixels[i] = static_cast<float>(i * 37 % 101) / 50.0F - 1.0F;
  }
  for (std::int64_t i = 0; i < batch.size; ++i) batch.targets.push_back(i);
  return batch;
}

TEST(Mix, EqualsTorchvision) {
  int rows = 0;
  for (const json& row : fixture_rows("policies.json")) {
    if (row["kind"] != "mixup" && row["kind"] != "cutmix") continue;
    ++rows;
    Batch batch = batch_of(row["batch"]);
    const double share = row["share"];
    MixChoice choice{.share = share};
    if (row["kind"] == "cutmix") {
      choice = cutmix_choice({batch.height, batch.width}, share, row["at"][0], row["at"][1]);
      EXPECT_EQ(choice.share, row["left"].get<double>()) << row;
    }
    const std::vector<std::int64_t> partners = mix(batch, choice);
    EXPECT_EQ(sha256(std::as_bytes(std::span(batch.pixels))), row["sha256"].get<std::string>()) << row;
    for (std::size_t i = 0; i < partners.size(); ++i) {
      std::vector<double> soft(partners.size());
      soft[static_cast<std::size_t>(batch.targets[i])] += choice.share;
      soft[static_cast<std::size_t>(partners[i])] += 1 - choice.share;
      for (std::size_t c = 0; c < soft.size(); ++c)
        EXPECT_NEAR(soft[c], row["targets"][i][c].get<double>(), 1e-6) << row;
    }
  }
  EXPECT_EQ(rows, 54);
}

// Beta(a, a) has mean 1/2 and variance 1 / (4 (2 a + 1)).
TEST(Mix, SharesFollowTheBetaDistribution) {
  for (const double alpha : {0.001, 0.2, 1.0, 4.0, 50.0}) {
    Rng rng(11, {});
    double sum = 0, squares = 0;
    constexpr int kDraws = 20000;
    for (int i = 0; i < kDraws; ++i) {
      const double share = beta(alpha, rng);
      ASSERT_TRUE(share >= 0 && share <= 1) << alpha;
      sum += share;
      squares += (share - 0.5) * (share - 0.5);
    }
    const double variance = 1 / (4 * (2 * alpha + 1));
    EXPECT_NEAR(sum / kDraws, 0.5, 4 * std::sqrt(variance / kDraws)) << alpha;
    EXPECT_NEAR(squares / kDraws, variance, 0.05 * variance) << alpha;
  }
}

TEST(Mix, BothKindsTakeTurns) {
  int cuts = 0;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    Rng rng(2, {i});
    cuts += choose_mix({.mixup = 0.2, .cutmix = 1}, {32, 32}, rng).box.has_value();
    Rng other(2, {i});
    EXPECT_FALSE(choose_mix({.mixup = 0.2}, {32, 32}, other).box);
    EXPECT_TRUE(choose_mix({.cutmix = 1}, {32, 32}, other).box);
  }
  EXPECT_NEAR(cuts, 500, 60);
}

}  // namespace
}  // namespace springbok::data
