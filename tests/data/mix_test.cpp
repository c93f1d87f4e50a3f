// Mixup and CutMix: torchvision's batches and soft targets, and shares that follow the beta distribution.
#include "springbok/data/load/mix.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "tests/data/made_batch.h"
#include "tests/data/support.h"

namespace springbok::data {
namespace {

using nlohmann::json;

/// The ranges of timm's rand_bbox_minmax: numpy's randint(low, high), which never gives `high`.
TEST(Mix, BoxesMayHaveSidesOfTheirOwn) {
  const MixSettings settings{.cutmix = 1, .box_min = 0.2, .box_max = 0.8};
  std::set<int> heights, widths, tops, lefts;
  Rng rng(1, {2});
  for (int i = 0; i < 2000; ++i) {
    const MixChoice choice = choose_mix(settings, {7, 10}, 4, rng);
    const image::Region& box = choice.box.value();
    EXPECT_LT(box.top, 7 - box.height);
    EXPECT_LT(box.left, 10 - box.width);
    EXPECT_EQ(choice.share, 1.0 - box.height * box.width / 70.0);
    heights.insert(box.height), widths.insert(box.width), tops.insert(box.top), lefts.insert(box.left);
  }
  EXPECT_EQ(heights, (std::set<int>{1, 2, 3, 4}));
  EXPECT_EQ(widths, (std::set<int>{2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(tops, (std::set<int>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(lefts, (std::set<int>{0, 1, 2, 3, 4, 5, 6, 7}));
}

/// Each image has a draw of its own, by a stream of its own; a pair the same.
TEST(Mix, ImagesMayBeMixedApart) {
  const auto stream_of = [](std::int64_t image) { return Rng(5, {static_cast<std::uint64_t>(image)}); };
  const auto choose = [&](MixMode mode, std::int64_t images) {
    Rng rng(1, {2});
    return choose_mix({.mixup = 1, .cutmix = 1, .prob = 0.7, .mode = mode, .partner = MixPartner::flipped}, {8, 8},
                      images, rng, stream_of);
  };
  const MixChoice apart = choose(MixMode::elem, 1000), pairs = choose(MixMode::pair, 7);
  ASSERT_EQ(apart.each.size(), 1000U);
  const auto count = [&](auto wanted) { return std::count_if(apart.each.begin(), apart.each.end(), wanted); };
  EXPECT_NEAR(static_cast<double>(count([](const ImageMix& one) { return one.share == 1 && !one.box; })), 300, 60);
  EXPECT_NEAR(static_cast<double>(count([](const ImageMix& one) { return one.box.has_value(); })), 350, 60);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(pairs.each[i].share, pairs.each[6 - i].share);
    EXPECT_EQ(pairs.each[i].share, apart.each[i].share);  // whatever the batch
  }
  EXPECT_EQ(pairs.each[3].share, 1);
  EXPECT_FALSE(pairs.each[3].box);
  Rng rng(1, {2}), same(1, {2});
  const MixSettings alike{.mixup = 1};
  EXPECT_EQ(choose_mix(alike, {8, 8}, 4, rng, stream_of).share, choose_mix(alike, {8, 8}, 4, same).share);
  EXPECT_TRUE(choose_mix(alike, {8, 8}, 4, rng, stream_of).each.empty());
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
    cuts += choose_mix({.mixup = 0.2, .cutmix = 1}, {32, 32}, 8, rng).box.has_value();
    Rng other(2, {i});
    EXPECT_FALSE(choose_mix({.mixup = 0.2}, {32, 32}, 8, other).box);
    EXPECT_TRUE(choose_mix({.cutmix = 1}, {32, 32}, 8, other).box);
  }
  EXPECT_NEAR(cuts, 500, 60);
}

// timm 1.0.31's rand_bbox for 7 x 10 images with its random middle patched: (share, y, x) -> y1, y2, x1, x2.
TEST(Mix, OddBoxesAreTimms) {
  struct Row {
    double share;
    int y, x, y1, y2, x1, x2;
  };
  for (const Row& row : {Row{0.7, 3, 5, 2, 5, 3, 8}, Row{0.3, 0, 9, 0, 3, 5, 10}, Row{0.99, 2, 2, 2, 2, 2, 3},
                         Row{0.5, 6, 0, 4, 7, 0, 4}, Row{0, 3, 4, 0, 7, 0, 9}}) {
    const MixChoice choice = cutmix_choice({7, 10}, row.share, row.y, row.x, CutmixBox::odd);
    const image::Region wanted{row.y1, row.x1, row.y2 - row.y1, row.x2 - row.x1};
    EXPECT_EQ(choice.box->top, wanted.top) << row.share;
    EXPECT_EQ(choice.box->left, wanted.left) << row.share;
    EXPECT_EQ(choice.box->height, wanted.height) << row.share;
    EXPECT_EQ(choice.box->width, wanted.width) << row.share;
    EXPECT_DOUBLE_EQ(choice.share, 1 - wanted.height * wanted.width / 70.0);
    EXPECT_EQ(cutmix_choice({7, 10}, row.share, row.y, row.x, CutmixBox::odd, CutmixShare::drawn).share, row.share);
  }
}

TEST(Mix, PartnersOfABatch) {
  const auto drawn = [](MixPartner partner, std::int64_t images, std::uint64_t seed) {
    Rng rng(seed, {});
    return choose_mix({.mixup = 1, .partner = partner}, {4, 4}, images, rng).partners;
  };
  EXPECT_EQ(drawn(MixPartner::previous, 4, 1), std::vector<std::int64_t>{});
  EXPECT_EQ(drawn(MixPartner::flipped, 5, 1), (std::vector<std::int64_t>{4, 3, 2, 1, 0}));
  std::vector<std::int64_t> permuted = drawn(MixPartner::permuted, 20, 1);
  EXPECT_NE(permuted, drawn(MixPartner::permuted, 20, 2));
  std::sort(permuted.begin(), permuted.end());
  for (std::int64_t i = 0; i < 20; ++i) EXPECT_EQ(permuted[static_cast<std::size_t>(i)], i);
}

TEST(Mix, StepsAreMixedAsOftenAsAsked) {
  const MixSettings settings{.mixup = 1, .cutmix = 1, .prob = 0.8, .cutmix_odds = 0.25};
  const MixOdds odds = mix_odds(settings);
  EXPECT_DOUBLE_EQ(odds.mixup, 0.6);
  EXPECT_DOUBLE_EQ(odds.cutmix, 0.2);
  EXPECT_DOUBLE_EQ(odds.none, 1 - 0.8);
  int none = 0, cut = 0;
  for (std::uint64_t i = 0; i < 2000; ++i) {
    Rng rng(4, {i});
    const MixChoice choice = choose_mix(settings, {8, 8}, 2, rng);
    none += !choice.mixed;
    cut += choice.box.has_value();
  }
  EXPECT_NEAR(none, 400, 60);
  EXPECT_NEAR(cut, 400, 60);
  EXPECT_EQ(mix_odds({}).none, 1);
  EXPECT_TRUE(settings.in_epoch(1000));
  const MixSettings off{.mixup = 1, .off_epoch = 3};
  EXPECT_TRUE(off.in_epoch(2));
  EXPECT_FALSE(off.in_epoch(3));
}

TEST(Mix, RefusesPartnersThatAreNotThere) {
  Batch batch = batch_of({2, 2, 2, 1});
  EXPECT_THROW(mix(batch, {.share = 0.5, .partners = {0, 2}}), Error);
  EXPECT_THROW(mix(batch, {.share = 0.5, .partners = {1}}), Error);
}

}  // namespace
}  // namespace springbok::data
