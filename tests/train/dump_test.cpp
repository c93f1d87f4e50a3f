// A step that ends in NaN leaves a file that repeats it exactly, and moved nothing before that was written.
#include "springbok/train/dump.h"

#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <bit>

#include "springbok/base/file.h"
#include "springbok/recipe/pace.h"
#include "springbok/run/manifest.h"
#include "springbok/tensors/read.h"
#include "springbok/train/checkpoint.h"
#include "springbok/train/loop.h"
#include "springbok/train/optim/sgd.h"
#include "springbok/train/settings.h"
#include "springbok/train/stepper.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_folder.h"
#include "tests/train/synthetic.h"

namespace springbok::train {
namespace {

using testing::message_of;
using testing::TemporaryFolder;

template <class T>
const T& entry(const tensors::Dict& dict, const std::string& key) {
  const tensors::Value* value = tensors::find(dict, key);
  if (value == nullptr) throw std::runtime_error("no " + key);
  return std::get<T>(value->data);
}

std::vector<std::int64_t> whole(const tensors::Dict& dict, const std::string& key) {
  const at::Tensor tensor = engine::from_plain(entry<tensors::Tensor>(dict, key));
  return {tensor.const_data_ptr<std::int64_t>(), tensor.const_data_ptr<std::int64_t>() + tensor.numel()};
}

class DumpTest : public ::testing::Test {
 protected:
  /// A run that mixes, drops and accumulates, and saves after each step.
  recipe::Recipe recipe() const {
    recipe::Recipe recipe = small_recipe(folder_ / "run");
    recipe.accumulate = 3;
    recipe.mix.mixup = 1;
    recipe.warmup_epochs = 0;
    recipe.rate.kind = recipe::ScheduleKind::constant;
    recipe.checkpoint_steps = 1;
    recipe.keep = 9;
    return recipe;
  }
  std::string complaint(const recipe::Recipe& recipe) {
    return message_of<Error>([&] { run(recipe, training_, validation_); });
  }
  /// What the step's batches, given to the dump's network, end in.
  static std::string repeat(const std::filesystem::path& path) {
    const Checkpoint checkpoint = read_checkpoint(path);
    const tensors::File file = tensors::read(path);
    const auto& given = entry<tensors::Dict>(std::get<tensors::Dict>(file.root.data), "given");
    const recipe::Recipe recipe = recipe::recipe_from_json(checkpoint.snapshot.recipe, path.string());
    Learner learner(zoo::build(checkpoint.snapshot.card.model, checkpoint.snapshot.card.options), 1);
    learner.optimizer = optimizer_for(recipe, learner);
    StepperSettings settings = stepper_settings(recipe, recipe::pace_of(recipe, 50));
    EXPECT_EQ(settings.seed, static_cast<std::uint64_t>(entry<std::int64_t>(given, "seed")));
    Stepper stepper(learner, settings, checkpoint.snapshot.position.step);
    EXPECT_EQ(stepper.next_lr(), entry<double>(given, "lr"));
    restore(checkpoint, learner);
    return message_of<NotFinite>([&] {
      std::int64_t samples = 0;
      for (const tensors::Value& item : entry<tensors::List>(given, "batches")) {
        const auto& batch = std::get<tensors::Dict>(item.data);
        const auto targets = whole(batch, "targets"), partners = whole(batch, "partners");
        EXPECT_EQ(entry<std::int64_t>(batch, "first_sample"), samples);
        samples += std::ssize(targets);
        stepper.add(
            engine::from_plain(entry<tensors::Tensor>(batch, "input")).contiguous(at::MemoryFormat::ChannelsLast),
            {.targets = targets, .partners = partners, .share = entry<double>(batch, "share")},
            entry<std::int64_t>(given, "samples_in_step"));
      }
      stepper.update();
    });
  }
  void expect_as_saved(const std::filesystem::path& dumped) const {
    const run::CheckpointFolder checkpoints(folder_ / "run/checkpoints");
    const Checkpoint before = read_checkpoint(checkpoints.path(*checkpoints.last())), now = read_checkpoint(dumped);
    EXPECT_EQ(now.snapshot.position.step, before.snapshot.position.step);
    ASSERT_EQ(now.state.size(), before.state.size());
    for (std::size_t i = 0; i < now.state.size(); ++i) {
      const at::Tensor a = engine::from_plain(now.state[i].second), b = engine::from_plain(before.state[i].second);
      EXPECT_TRUE(a.equal(b)) << now.state[i].first;
    }
  }
  std::filesystem::path dumped(std::int64_t step) const {
    return folder_ / format("run/not_finite-step-{:08}.pt", step);
  }

  TemporaryFolder folder_;
  Synthetic training_{50, 4}, validation_{22, 4, 2};
};

TEST_F(DumpTest, ALossThatIsNotANumberIsRepeated) {
  recipe::Recipe bad = recipe();
  bad.rate.lr = 1e30;
  const std::string message = complaint(bad), again = repeat(dumped(2));
  EXPECT_TRUE(again.starts_with("step 2: the loss is nan; first layer with an output that is not finite: ")) << again;
  EXPECT_TRUE(message.starts_with(again + "; images: sample")) << message << "\n" << again;
  expect_as_saved(dumped(2));
}

TEST_F(DumpTest, AGradientThatIsNotFiniteIsRepeated) {
  recipe::Recipe bad = recipe();
  bad.clip_norm = 1e30;
  bad.rate.lr = 1e17;
  const std::string message = complaint(bad), again = repeat(dumped(2));
  EXPECT_TRUE(again.starts_with("step 2: the gradient's norm is ")) << again << "\n" << message;
  EXPECT_TRUE(message.starts_with(again + "; images: sample")) << message << "\n" << again;
  expect_as_saved(dumped(2));
}

TEST_F(DumpTest, ResumingFromItRepeatsTheStep) {
  recipe::Recipe bad = recipe();
  bad.rate.lr = 1e30;
  const std::string message = complaint(bad);
  recipe::Recipe again = bad;
  again.out = (folder_ / "again").string();
  again.resume = dumped(2).string();
  const std::string repeated = complaint(again);
  EXPECT_EQ(repeated.substr(0, repeated.find("; batch and network")),
            message.substr(0, message.find("; batch and network")));
}

TEST(Abandon, TakesBackWhatTheStepsBatchesMoved) {
  Learner learner(zoo::build("resnet20", {.classes = 4, .channels = 1}), 1);
  const graph::Graph& graph = learner.graph;
  const engine::State &state = learner.state, fresh = engine::initialise(graph, 1);
  learner.optimizer = std::make_unique<Sgd>(learner.graph, learner.state, OptimizerSettings{});
  Stepper stepper(learner, {});
  const std::vector<std::int64_t> targets = {0, 1};
  stepper.add(at::ones({2, 1, 8, 8}), targets, 4);
  stepper.add(at::zeros({2, 1, 8, 8}), targets, 4);
  stepper.abandon();
  for (std::size_t i = 0; i < state.tensors.size(); ++i) {
    EXPECT_TRUE(state.tensors[i].equal(fresh.tensors[i])) << graph.params()[i].name;
    EXPECT_FALSE(state.tensors[i].grad().defined()) << graph.params()[i].name;
  }
}

}  // namespace
}  // namespace springbok::train
