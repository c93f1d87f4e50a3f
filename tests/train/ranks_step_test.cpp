// Steps that several ranks share are the steps of one rank: losses, gradients, statistics, in float64.
#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "springbok/graph/build.h"
#include "springbok/train/optim/sgd.h"
#include "springbok/train/stepper.h"
#include "springbok/train/together.h"
#include "springbok/zoo/zoo.h"
#include "tests/golden/golden.h"
#include "tests/train/thread_ranks.h"

namespace springbok::train {
namespace {

using springbok::testing::expect_ranks;
using springbok::testing::Meeting;

constexpr std::int64_t kImages = 11, kClasses = 5;

struct Asked {
  graph::Graph graph;
  std::vector<std::int64_t> steps{8, 3, 8, 3};  ///< images of each
  std::int64_t batch = 8;                       ///< images of a batch, which ranks share
  double sharpness = 0;
  recipe::BnStats bn_stats = recipe::BnStats::average;
  recipe::Compress compress = recipe::Compress::none;
  at::ScalarType type = at::kDouble;
};

struct Found {
  std::vector<double> losses;  ///< mean of each step
  std::vector<at::Tensor> state;
};

/// Runs the steps as one of the ranks.
Found run(const Asked& asked, engine::Group& group) {
  Learner learner(asked.graph, golden::filled_state(asked.graph, asked.type));
  learner.optimizer = std::make_unique<Sgd>(learner.graph, learner.state, OptimizerSettings{.weight_decay = 1e-3},
                                            std::vector{clip_norm(2)});
  Stepper stepper(learner, {.rate = recipe::constant(0.05),
                            .seed = 7,
                            .group = &group,
                            .bn_stats = asked.bn_stats,
                            .compress = asked.compress,
                            .sharpness = {.rho = asked.sharpness}});
  const at::Tensor images =
      golden::fill("__input__", {kImages, 3, 16, 16}).to(asked.type).contiguous(at::MemoryFormat::ChannelsLast);
  std::vector<std::int64_t> targets;
  for (std::int64_t i = 0; i < kImages; ++i) targets.push_back(i * 3 % kClasses);
  Found found;
  for (const std::int64_t size : asked.steps) {
    double sum = 0;
    for (std::int64_t begin = 0; begin < size; begin += asked.batch) {
      const std::int64_t all = std::min(asked.batch, size - begin), first = begin + all * group.rank() / group.size(),
                         count = begin + all * (group.rank() + 1) / group.size() - first;
      if (begin + all == size) stepper.expect_last();
      const auto own = std::span(targets).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count));
      sum += stepper.add(images.narrow(0, first, count), {.targets = own}, size, first).loss;
    }
    stepper.update();
    found.losses.push_back(summed_over_ranks({sum}, group)[0] / static_cast<double>(size));
  }
  for (const at::Tensor& tensor : learner.state.tensors) found.state.push_back(tensor.detach().clone());
  return found;
}

std::vector<Found> run_on(const Asked& asked, int ranks, Meeting* meeting = nullptr) {
  std::vector<Found> found(static_cast<std::size_t>(ranks));
  expect_ranks(
      ranks, [&](engine::Group& group) { found[static_cast<std::size_t>(group.rank())] = run(asked, group); }, meeting);
  return found;
}

void expect_close(const at::Tensor& a, const at::Tensor& b, double tolerance, const std::string& what) {
  const double scale = std::max(1.0, b.to(at::kDouble).abs().max().item<double>());
  EXPECT_LE(at::sub(a.to(at::kDouble), b.to(at::kDouble)).abs().max().item<double>(), tolerance * scale) << what;
}

void expect_as_one_rank(const Asked& asked, double tolerance) {
  const Found one = run_on(asked, 1)[0];
  for (const int ranks : {2, 3, 4}) {
    const std::vector<Found> all = run_on(asked, ranks);
    for (const Found& found : all) {
      ASSERT_EQ(found.losses.size(), one.losses.size());
      for (std::size_t i = 0; i < one.losses.size(); ++i) {
        EXPECT_NEAR(found.losses[i], one.losses[i], tolerance * one.losses[i]) << ranks << " ranks, step " << i;
      }
      for (std::size_t i = 0; i < one.state.size(); ++i) {
        const std::string name = format("{} ranks, {}", ranks, asked.graph.params()[i].name);
        expect_close(found.state[i], one.state[i], tolerance, name);
        EXPECT_TRUE(at::equal(found.state[i], all[0].state[i])) << name << ": not the same bits on all ranks";
      }
    }
  }
}

graph::Graph net(zoo::NormChoice norm, double dropout = 0.2) {
  return zoo::build("resnet20", {.classes = kClasses, .dropout = dropout, .norm = norm});
}

TEST(RanksStep, WithoutBatchNormsTheyAreOneRank) {
  expect_as_one_rank({.graph = net(zoo::NormChoice::groupnorm)}, 1e-10);
}

/// In the last batch of three images, of four ranks one has none.
TEST(RanksStep, WithSyncedNormsTheyAreOneRank) {
  expect_as_one_rank({.graph = net(zoo::NormChoice::syncbn)}, 1e-10);
}

TEST(RanksStep, InFloat32TheyAreOneRankToRounding) {
  Asked asked{.graph = net(zoo::NormChoice::syncbn)};
  asked.type = at::kFloat;
  expect_as_one_rank(asked, 2e-4);
}

TEST(RanksStep, AccumulatedAndSharpnessAwareTheyAreOneRank) {
  Asked asked{.graph = net(zoo::NormChoice::syncbn)};
  asked.batch = 4;
  asked.steps = {11, 11};
  asked.sharpness = 0.05;
  expect_as_one_rank(asked, 1e-9);
}

/// Batch norms see each rank's images, so losses differ, but no rank is apart.
TEST(RanksStep, PlainNormsKeepOneSetOfStatistics) {
  Asked asked{.graph = net(zoo::NormChoice::bn)};
  for (const recipe::BnStats stats : {recipe::BnStats::average, recipe::BnStats::broadcast, recipe::BnStats::local}) {
    asked.bn_stats = stats;
    const std::vector<Found> all = run_on(asked, 3);
    bool same = true;
    for (std::size_t i = 0; i < all[0].state.size(); ++i) {
      const bool equal = at::equal(all[0].state[i], all[2].state[i]);
      if (!asked.graph.params()[i].buffer) {
        EXPECT_TRUE(equal) << asked.graph.params()[i].name;
      }
      same = same && equal;
    }
    EXPECT_EQ(same, stats != recipe::BnStats::local);
  }
}

/// One step's statistics, by hand: the mean of what each rank alone would have, weighted by images.
TEST(RanksStep, AveragedStatisticsAreTheWeightedMean) {
  graph::Graph graph;
  const graph::Scope root{&graph, ""};
  const graph::Value x = graph::norm(root / "bn", graph::input(graph, 3));
  graph::output(graph::linear(root / "head", graph::flatten(graph::global_pool(x)), {.out = kClasses}));
  Asked asked{.graph = graph};
  asked.steps = {5};
  const at::Tensor images = golden::fill("__input__", {kImages, 3, 16, 16}).to(at::kDouble);
  const at::Tensor start = golden::filled_state(graph, at::kDouble).tensors[2];
  ASSERT_EQ(graph.params()[2].name, "bn.running_mean");
  const auto moved = [&](std::int64_t from, std::int64_t count) {
    return at::add(at::mul(start, 0.9), images.narrow(0, from, count).mean({0, 2, 3}), 0.1);
  };
  const at::Tensor wanted = at::add(at::mul(moved(0, 2), 0.4), moved(2, 3), 0.6);
  expect_close(run_on(asked, 2)[1].state[2], wanted, 1e-12, "average");
  asked.bn_stats = recipe::BnStats::broadcast;
  expect_close(run_on(asked, 2)[1].state[2], moved(0, 2), 1e-12, "broadcast");
  asked.bn_stats = recipe::BnStats::local;
  expect_close(run_on(asked, 2)[1].state[2], moved(2, 3), 1e-12, "local");
}

/// However many batches a step has, gradients are sent once.
TEST(RanksStep, AccumulationSendsOnce) {
  Asked asked{.graph = net(zoo::NormChoice::groupnorm)};
  std::vector<std::int64_t> bytes;
  for (const std::int64_t batch : {8, 2}) {
    asked.batch = batch;
    asked.steps = {8};
    Meeting meeting(2);
    run_on(asked, 2, &meeting);
    bytes.push_back(meeting.bytes);
  }
  EXPECT_EQ(bytes[0], bytes[1]);
  std::int64_t parameters = 0;
  for (const graph::Param& param : asked.graph.params()) parameters += param.buffer ? 0 : param.elements();
  EXPECT_GE(bytes[0], 8 * parameters);
  EXPECT_LE(bytes[0], 8 * parameters + 100) << "gradients, and a few numbers";
}

TEST(RanksStep, CompressedGradientsAreHalfAsManyBytes) {
  Asked asked{.graph = net(zoo::NormChoice::groupnorm, 0)};
  asked.type = at::kFloat;
  asked.steps = {8};
  const auto bytes_of = [&](recipe::Compress compress) {
    asked.compress = compress;
    Meeting meeting(2);
    run_on(asked, 2, &meeting);
    return meeting.bytes;
  };
  const std::int64_t all = bytes_of(recipe::Compress::none);
  for (const recipe::Compress compress : {recipe::Compress::fp16, recipe::Compress::bf16}) {
    EXPECT_NEAR(static_cast<double>(bytes_of(compress)), static_cast<double>(all) / 2, 100);
  }
  asked.steps = {8, 8};
  asked.compress = recipe::Compress::none;
  const std::vector<Found> exact = run_on(asked, 2);
  asked.compress = recipe::Compress::bf16;
  const std::vector<Found> rounded = run_on(asked, 2);
  EXPECT_NE(exact[0].losses[1], rounded[0].losses[1]);
  EXPECT_NEAR(exact[0].losses[1], rounded[0].losses[1], 0.02 * exact[0].losses[1]);
}

/// Of parameters that nothing reads no rank waits for a gradient (DLA's projections that are made and not used).
TEST(RanksStep, ParametersWithoutGradientsHoldNobodyUp) {
  graph::Graph graph;
  const graph::Scope root{&graph, ""};
  const graph::Value image = graph::input(graph, 3);
  graph::conv(root / "unused", image, {.out = 4, .kernel = 3});
  const graph::Value x = graph::relu(graph::conv(root / "used", image, {.out = 8, .kernel = 3, .bias = true}));
  graph::output(graph::linear(root / "head", graph::flatten(graph::global_pool(x)), {.out = kClasses}));
  expect_as_one_rank({.graph = graph}, 1e-10);
}

/// All ranks hear of what is not finite on one, at the same step, and of what one could not do.
TEST(RanksStep, WhatIsWrongOnOneRankEndsTheStepOfAll) {
  const graph::Graph graph = net(zoo::NormChoice::syncbn);
  const auto ends = [&](bool gives_up) {
    return springbok::testing::run_ranks(3, [&](engine::Group& group) {
      Learner learner(graph, golden::filled_state(graph, at::kDouble));
      learner.optimizer = std::make_unique<Sgd>(learner.graph, learner.state, OptimizerSettings{});
      Stepper stepper(learner, {.rate = recipe::constant(0.1), .group = &group});
      at::Tensor images = golden::fill("__input__", {2, 3, 16, 16}).contiguous(at::MemoryFormat::ChannelsLast);
      std::vector<std::int64_t> targets{1, 2};
      if (group.rank() == 1 && gives_up) {
        stepper.give_up("the image is broken");
        images = images.narrow(0, 0, 0);
        targets.clear();
      }
      const Loss broken = [&](const at::Tensor& output, const tasks::MixedTargets& mixed) {
        return cross_entropy()(output, mixed).mul(group.rank() == 1 ? std::nan("") : 1);
      };
      stepper.expect_last();
      if (gives_up) {
        stepper.add(images, targets, 6);
      } else {
        stepper.add(
            images, [&](const at::Tensor& output) { return broken(output, {.targets = targets}); }, 6);
      }
      stepper.update();
    });
  };
  EXPECT_EQ(ends(true), std::vector<std::string>(3, "the image is broken"));
  for (const std::string& end : ends(false)) {
    EXPECT_TRUE(end.starts_with("step 1: rank 1: the loss is nan; first layer with an output that is not finite: "))
        << end;
  }
}

}  // namespace
}  // namespace springbok::train
