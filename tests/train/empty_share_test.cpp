// A step with a batch of no images in it is the step without that batch.
#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <optional>

#include "springbok/train/stepper.h"
#include "springbok/zoo/zoo.h"
#include "tests/golden/golden.h"

namespace springbok::train {
namespace {

/// Two steps of batches of so many images each, which begin where the ones before end.
class Steps {
 public:
  Steps() {
    StepperSettings settings;
    settings.schedule = {.kind = "constant", .lr = 0.1};
    settings.clip_norm = 1;
    settings.label_smoothing = 0.1;
    stepper_.emplace(graph_, state_, settings);
  }

  metrics::Sums run(const std::vector<std::int64_t>& sizes) {
    metrics::Sums sums;
    std::int64_t at = 0;
    for (const std::int64_t size : sizes) {
      const std::vector<std::int64_t> targets(static_cast<std::size_t>(size), 3);
      sums += stepper_->add(images_.narrow(0, at, size), targets, 4);
      at += size;
    }
    stepper_->update();
    return sums;
  }
  const engine::State& state() const { return state_; }

 private:
  graph::Graph graph_ = zoo::build("resnet20", {.classes = 10});
  engine::State state_ = engine::initialise(graph_, 1);
  at::Tensor images_ =
      golden::fill("__input__", {4, 3, 32, 32}).to(at::kFloat).contiguous(at::MemoryFormat::ChannelsLast);
  std::optional<Stepper> stepper_;
};

TEST(EmptyShare, ChangesNoBitOfAStep) {
  Steps plain, with;
  for (int step = 0; step < 2; ++step) {
    const metrics::Sums wanted = plain.run({2, 2});
    const metrics::Sums got = with.run({0, 2, 0, 2, 0});
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
  const metrics::Sums sums = steps.run({0});
  EXPECT_EQ(sums.samples, 0);
  EXPECT_EQ(sums.loss, 0);
  for (const at::Tensor& tensor : steps.state().tensors) EXPECT_TRUE(at::isfinite(tensor).all().item<bool>());
  EXPECT_TRUE(at::equal(steps.state().tensors[3], mean));
}

}  // namespace
}  // namespace springbok::train
