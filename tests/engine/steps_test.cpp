// The steps of a pass: which kernel each node gets, the reason, and that a pass follows what was decided.
#include "springbok/engine/steps.h"

#include <ATen/Functions.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "springbok/base/text.h"
#include "springbok/engine/executor.h"
#include "springbok/graph/build.h"
#include "springbok/zoo/zoo.h"
#include "tests/engine/kernel_support.h"

namespace springbok::engine {
namespace {

using namespace graph;

/// A stem, a block with a shortcut, a grouped convolution, a sum of two resolutions and a side path.
Graph net() {
  Graph graph;
  const Scope root{&graph, ""};
  const Value x = input(graph, 3);
  const Value stem = relu(norm(root / "bn0", conv(root / "conv0", x, {.out = 16, .kernel = 3})));
  const Value grouped = norm(root / "bn1", conv(root / "conv1", stem, {.out = 16, .kernel = 3, .groups = 4}));
  const Value block = relu(add(grouped, stem));
  const Value high = conv(root / "high", block, {.out = 16});
  const Value low = conv(root / "low", avg_pool(pad_even(block), {}), {.out = 16});
  effect_only(norm(root / "aside", low));
  output(relu(norm(root / "bn2", add(high, crop_like(upsample(low, 2), high)))));
  return graph;
}

/// `node kernel: why` of each step but plain ATen's.
std::vector<std::string> told(const Graph& graph, const Steps& steps) {
  std::vector<std::string> lines;
  for (const Step& step : steps) {
    if (step.kernel == Kernel::aten && step.why.empty()) continue;
    lines.push_back(format("{} {}: {}", label(graph, step.node), name_of(step.kernel), step.why));
  }
  return lines;
}

class StepsTest : public testing::Test {
 protected:
  Graph graph_ = net();
  State state_ = initialise(graph_, 3);
  Executor executor_{graph_};
  at::Tensor images_ = made("__input__", {2, 3, 9, 7}, at::kFloat).detach();

  std::vector<std::string> of(const at::Tensor& images, const Pass& pass) const {
    return told(graph_, executor_.steps(state_, images, pass));
  }
};

TEST_F(StepsTest, SayWhatRunsAsOneInTraining) {
  EXPECT_EQ(of(images_, {.train = true}),
            (std::vector<std::string>{"relu after bn0 norm_relu: norm and ReLU as one",
                                      "conv1 grouped_conv: 3 x 3, 4 channels a group, channels last",
                                      "relu after bn1 norm_relu: norm, addition and ReLU as one",
                                      "aside norm: batch statistics, channels last",
                                      "add after aside upsample_add: doubled, cut and added as one",
                                      "relu after bn2 norm_relu: norm and ReLU as one"}));
}

TEST_F(StepsTest, SayWhyNotInEvaluation) {
  EXPECT_EQ(of(images_, {}),
            (std::vector<std::string>{
                "bn0 aten: no norm kernel: evaluation",
                "relu after bn0 in_place: no norm_relu: evaluation; nobody reads its input again",
                "conv1 grouped_conv: 3 x 3, 4 channels a group, channels last", "bn1 aten: no norm kernel: evaluation",
                "add after bn1 in_place: nobody reads its input again",
                "relu after bn1 in_place: no norm_relu: evaluation; nobody reads its input again",
                "aside left_out: only training runs it", "add after aside upsample_add: doubled, cut and added as one",
                "bn2 aten: no norm kernel: evaluation",
                "relu after bn2 in_place: no norm_relu: evaluation; nobody reads its input again"}));
}

TEST_F(StepsTest, SayWhichLayoutTypeOrObserverIsInTheWay) {
  EXPECT_EQ(of(images_.contiguous(), {.train = true})[1],
            "conv1 grouped_conv: 3 x 3, 4 channels a group, channels last")
      << "channels-last weights make channels-last maps";
  for (at::Tensor& tensor : state_.tensors) tensor = tensor.detach().contiguous();
  EXPECT_EQ(of(images_, {.train = true})[1], "conv1 aten: no grouped_conv: its weight is not channels last");
  EXPECT_EQ(of(images_.contiguous(), {.train = true})[0], "bn0 aten: no norm kernel: not channels last");
  state_ = initialise(graph_, 3);
  const Pass observed{.train = true, .observe = [](NodeId, const at::Tensor&) {}};
  EXPECT_EQ(of(images_, observed)[1], "relu after bn0 in_place: no norm_relu: observed; nobody reads its input again");
  state_ = initialise(graph_, 3, at::kDouble);
  EXPECT_EQ(of(images_.to(at::kDouble), {.train = true}).front(), "bn0 aten: no norm kernel: float64");
}

/// Asking for the steps moves nothing, and each pass after the first one, which decides, gives its bits.
TEST_F(StepsTest, APassThatFollowsGivesTheBitsOfTheOneThatDecided) {
  for (const bool train : {true, false}) {
    const auto run = [&](const Executor& executor) {
      Effects effects;
      const at::Tensor y = executor.forward(state_, images_, {.train = train, .effects = &effects});
      backward(y);
      std::vector<at::Tensor> all{y.detach()};
      for (at::Tensor& tensor : state_.tensors) {
        if (tensor.grad().defined()) all.push_back(tensor.grad().clone());
        tensor.mutable_grad().reset();
      }
      return all;
    };
    const std::vector<at::Tensor> decided = run(Executor(graph_));
    executor_.steps(state_, images_, {.train = train});
    const std::vector<at::Tensor> followed = run(executor_);
    ASSERT_EQ(decided.size(), followed.size());
    for (std::size_t i = 0; i < decided.size(); ++i) EXPECT_TRUE(at::equal(decided[i], followed[i])) << i;
  }
}

/// Each value but the output dies once, at a step of the list or of none where it was never made.
TEST_F(StepsTest, EveryNodeIsAStepOrCoveredAndEveryValueDies) {
  for (const bool train : {true, false}) {
    Indexed<int> runs(graph_.nodes().size(), 0), deaths(graph_.nodes().size(), 0);
    for (const Step& step : executor_.steps(state_, images_, {.train = train})) {
      ++runs[step.node];
      for (const NodeId covered : step.covers) ++runs[covered];
      for (const NodeId dead : step.dies) ++deaths[dead];
    }
    for (NodeId id = 1; id < std::ssize(runs); ++id) {
      EXPECT_EQ(runs[id], 1) << label(graph_, id);
      EXPECT_EQ(deaths[id], id == graph_.output() ? 0 : 1) << label(graph_, id);
    }
  }
}

/// More sizes than are kept, twice each, from two threads.
TEST_F(StepsTest, ManySizesFromTwoThreads) {
  const auto all = [&](std::vector<at::Tensor>& outputs) {
    const at::NoGradGuard no_grad;
    for (int round = 0; round < 2; ++round) {
      for (std::int64_t size = 4; size < 76; ++size) {
        outputs.push_back(executor_.forward(state_, made("__input__", {1, 3, size, 4}, at::kFloat).detach(), {}));
      }
    }
  };
  std::vector<at::Tensor> here, there;
  std::thread other([&] { all(there); });
  all(here);
  other.join();
  ASSERT_EQ(here.size(), there.size());
  for (std::size_t i = 0; i < here.size(); ++i) {
    EXPECT_TRUE(at::equal(here[i], there[i]));
    EXPECT_TRUE(at::equal(here[i], here[i % (here.size() / 2)]));
  }
}

TEST_F(StepsTest, TextHasALineANodeAndJsonAnEntryAStep) {
  const Steps steps = executor_.steps(state_, images_, {.train = true});
  const std::string text = steps_text(graph_, steps);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), std::ssize(graph_.nodes()) + 1);
  EXPECT_NE(text.find("bn0    norm             norm_relu     with relu after bn0\n"), std::string::npos) << text;
  const auto list = steps_json(graph_, steps);
  ASSERT_EQ(list.size(), steps.size());
  EXPECT_EQ(list[1].dump(), R"({"layer":"relu after bn0","op":"relu","kernel":"norm_relu","covers":["bn0"],)"
                            R"("why":"norm and ReLU as one"})");
}

}  // namespace
}  // namespace springbok::engine
