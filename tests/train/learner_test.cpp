// All that learns is saved as one and loaded as one; gradient steps run in their order.
#include "springbok/train/learner.h"

#include <ATen/ops/full_like.h>
#include <ATen/ops/ones_like.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "springbok/base/error.h"
#include "springbok/train/optim/gradient_step.h"
#include "springbok/train/optim/sgd.h"
#include "tests/support/message_of.h"
#include "tests/train/small_graph.h"

namespace springbok::train {
namespace {

using springbok::testing::message_of;

/// A learner with momentum, an average and a scaler, moved `steps` times by gradients of ones.
struct Moved {
  explicit Moved(int steps, std::vector<GradientStep> order = {}) {
    learner.optimizer = std::make_unique<Sgd>(learner.graph, learner.state, OptimizerSettings{}, std::move(order));
    learner.averages.push_back(std::make_unique<Average>(learner.graph, learner.state, 0.9));
    learner.scaler.emplace();
    for (int i = 0; i < steps; ++i) move(1);
  }
  void move(double gradient) {
    for (const ParamGroup& group : learner.optimizer->groups()) {
      for (const Slot& slot : group.slots) {
        at::Tensor value = slot.value;
        value.mutable_grad() = at::full_like(value.detach(), gradient);
      }
    }
    norm = learner.optimizer->prepare();
    learner.optimizer->step(0.1);
    learner.optimizer->clear_gradients();
    learner.average();
    learner.scaler->update(learner.scaler->scale() < 1000);
  }
  tensors::StateDict weights() const { return engine::state_dict(learner.graph, learner.state); }

  Learner learner{small_graph(), 1};
  std::optional<double> norm;
};

/// Bytes of every tensor of a saved tree, in order.
std::string bytes_of(const tensors::Value& value) {
  std::string bytes;
  if (const auto* tensor = std::get_if<tensors::Tensor>(&value.data)) {
    const std::size_t size = static_cast<std::size_t>(tensor->elements()) * tensors::size_of(tensor->dtype);
    bytes.append(reinterpret_cast<const char*>(tensor->bytes.data()), size);
  } else if (const auto* list = std::get_if<tensors::List>(&value.data)) {
    for (const tensors::Value& item : *list) bytes += bytes_of(item);
  } else if (const auto* dict = std::get_if<tensors::Dict>(&value.data)) {
    for (const auto& entry : *dict) bytes += entry.key + bytes_of(entry.value);
  } else if (const auto* number = std::get_if<double>(&value.data)) {
    bytes += format("{}", *number);
  }
  return bytes;
}

TEST(Learner, GoesOnFromWhatItSavedToTheLastBit) {
  Moved straight(2), first(1), second(0);
  second.learner.load(first.learner.save(0.1), first.weights(), "file");
  second.move(1);
  EXPECT_EQ(bytes_of({second.learner.save(0.1)}), bytes_of({straight.learner.save(0.1)}));
  EXPECT_NE(bytes_of({first.learner.save(0.1)}), bytes_of({straight.learner.save(0.1)}));
}

TEST(Learner, SaysWhatAFileLacks) {
  Moved whole(1), other(0);
  tensors::Dict saved = whole.learner.save(0.1);
  std::erase_if(saved, [](const auto& entry) { return entry.key == "averages"; });
  EXPECT_EQ(message_of<Error>([&] { other.learner.load(saved, whole.weights(), "file"); }),
            "file: holds 0 averages of the weights, this training keeps 1");
  EXPECT_EQ(message_of<Error>([&] { other.learner.load({}, whole.weights(), "file"); }), "file: holds no 'optimizer'");
}

/// decay * average + (1 - decay) * weights, once a step.
TEST(Average, FollowsTheWeights) {
  Moved moved(0);
  const double before = moved.learner.state.tensors[0].detach().mean().item<double>();
  moved.move(1);
  const double after = moved.learner.state.tensors[0].detach().mean().item<double>();
  const double average = moved.learner.averages[0]->state().tensors[0].mean().item<double>();
  EXPECT_NEAR(average, 0.9 * before + 0.1 * after, 1e-6);
  EXPECT_EQ(message_of<Error>([&] { Average(moved.learner.graph, moved.learner.state, 1.5); }),
            "an average's decay is from 0 to 1, not 1.5");
}

TEST(GradientStep, ClippingScalesAllGradientsTogether) {
  Moved moved(0, {clip_norm(1)});
  moved.move(2);  // 6 + 3 + 3 values
  EXPECT_NEAR(*moved.norm, 2 * std::sqrt(12.0), 1e-5);
}

/// A gradient of ones has nothing left after centralisation, but for tensors of one dimension: 3 + 3 values.
TEST(GradientStep, RunInTheOrderGiven) {
  Moved before(0, {centralise(), clip_norm(100)}), after(0, {clip_norm(100), centralise()});
  before.move(1);
  after.move(1);
  EXPECT_NEAR(*before.norm, std::sqrt(6.0), 1e-5);
  EXPECT_NEAR(*after.norm, std::sqrt(12.0), 1e-5);
}

}  // namespace
}  // namespace springbok::train
