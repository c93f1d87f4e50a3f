// A step with a batch of no images in it is the step without that batch.
#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <optional>

#include "springbok/train/optim/sgd.h"
#include "springbok/train/stepper.h"
#include "springbok/zoo/zoo.h"
#include "tests/golden/golden.h"

namespace springbok::train {
namespace {

/// Two steps of batches of so many images each, which begin where the ones before end.
class Steps {
 public:
  Steps() {
    std::vector<GradientStep> clipped{clip_norm(1)};
    learner_.optimizer = std::make_unique<Sgd>(learner_.graph, learner_.state, OptimizerSettings{}, std::move(clipped));
    stepper_.emplace(learner_, StepperSettings{.rate = recipe::constant(0.1), .loss = cross_entropy(0.1)});
  }

  metrics::ClassTally run(const std::vector<std::int64_t>& sizes) {
    metrics::ClassTally sums;
    std::int64_t at = 0;
    for (const std::int64_t size : sizes) {
      const std::vector<std::int64_t> targets(static_cast<std::size_t>(size), 3);
      sums += stepper_->add(images_.narrow(0, at, size), targets, 4);
      at += size;
    }
    stepper_->update();
    return sums;
  }
  const engine::State& state() const { return learner_.state; }

 private:
  Learner learner_{zoo::build("resnet20", {.classes = 10}), 1};
  at::Tensor images_ =
      golden::fill("__input__", {4, 3, 32, 32}).to(at::kFloat).contiguous(at::MemoryFormat::ChannelsLast);
  std::optional<Stepper> stepper_;
};

TEST(EmptyShare, ChangesNoBitOfAStep) {
  Steps plain, with;
  for (int step = 0; step < 2; ++step) {
    const metrics::ClassTally wanted = plain.run({2, 2});
    const metrics::ClassTally got = with.run({0, 2, 0, 2, 0});
    EXPECT_EQ(got.samples, 4);
    EXPECT_EQ(got.loss, wanted.loss);
    EXPECT_EQ(got.top1, wanted.top1);
  }
  for (std::size_t i = 0; i < plain.state().tensors.size(); ++i) {
    EXPECT_TRUE(at::equal(plain.state().tensors[i], with.state().tensors[i])) << "parameter " << i;
  }
}

/// Alone it is a step of zero gradients: finite, with weight decay and momentum as ever, statistics where they were.
TEST(EmptyShare, AloneIsAStepOfZeroGradients) {
  Steps steps;
  const at::Tensor mean = steps.state().tensors[3].clone();
  const metrics::ClassTally sums = steps.run({0});
  EXPECT_EQ(sums.samples, 0);
  EXPECT_EQ(sums.loss, 0);
  for (const at::Tensor& tensor : steps.state().tensors) EXPECT_TRUE(at::isfinite(tensor).all().item<bool>());
  EXPECT_TRUE(at::equal(steps.state().tensors[3], mean));
}

}  // namespace
}  // namespace springbok::train
