// Steps on labels and on masks equal PyTorch's in float64 (fixtures/make_task_steps.py).
#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "springbok/base/choice.h"
#include "springbok/graph/build.h"
#include "springbok/train/optim/sgd.h"
#include "springbok/train/task_batch.h"
#include "tests/train/filled_steps.h"

namespace springbok::train {
namespace {

constexpr double kFirst = 1e-12, kLater = 1e-7;  // relative: eight steps with batch norms let roundings grow

const nlohmann::json& fixture() {
  static const nlohmann::json document = [] {
    nlohmann::json json;
    std::ifstream(SPRINGBOK_SOURCE_DIR "/tests/train/fixtures/task_steps.json") >> json;
    return json;
  }();
  return document;
}

graph::Graph pixel_graph(std::int64_t classes) {
  graph::Graph graph;
  const graph::Scope root{&graph, ""};
  const graph::Value x = graph::conv(root / "conv1", graph::input(graph, 3), {.out = 6, .kernel = 3});
  const graph::Value y = graph::relu(graph::norm(root / "bn1", x));
  graph::output(graph::conv(root / "head", y, {.out = classes, .bias = true}));
  return graph;
}

std::vector<std::uint8_t> labels_of(std::int64_t image) {
  std::vector<std::uint8_t> labels;
  for (std::int64_t c = 0; c < fixture()["classes"]; ++c) {
    labels.push_back((image * 7 + c * 5) % 3 == 0 && image != 4 ? std::uint8_t{2} : std::uint8_t{0});
  }
  return labels;
}

std::vector<std::uint8_t> mask_of(std::int64_t image) {
  const std::int64_t size = fixture()["size"], classes = fixture()["pixel_classes"];
  std::vector<std::uint8_t> mask;
  for (std::int64_t y = 0; y < size; ++y) {
    for (std::int64_t x = 0; x < size; ++x) {
      const std::int64_t value = (image * 3 + y * 5 + x / 2) % (classes + 1);
      const bool ignored = value == classes || (image >= 8 && image < 12);
      mask.push_back(static_cast<std::uint8_t>(ignored ? 255 : value));
    }
  }
  return mask;
}

template <class T>
void append(std::vector<T>& all, const std::vector<T>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

class TaskSteps : public ::testing::TestWithParam<std::size_t> {
 protected:
  const nlohmann::json& expected() const { return fixture()["cases"][GetParam()]; }
  bool pixels() const { return expected()["task"] == "segment"; }

  Objective objective() const {
    recipe::LossSettings loss;
    loss.kind = find_choice<recipe::LossKind>(expected()["loss"].get<std::string>(), recipe::loss_kinds()).value();
    loss.label_scale = expected()["scale"];
    if (pixels()) return {.task = metrics::Segment{}};
    return {.task = metrics::MultiLabel{}, .labels = label_loss_for(loss)};
  }

  /// One micro-batch, mixed with the image before in a circle where the case says so; returns the summed loss.
  double add(Stepper& stepper, const at::Tensor& images, std::int64_t first) const {
    const std::int64_t micro = fixture()["micro"], size = fixture()["size"];
    const double share = expected()["share"];
    data::Batch batch{.size = micro,
                      .height = static_cast<int>(size),
                      .width = static_cast<int>(size),
                      .channels = 3,
                      .pixels = {},
                      .targets = {},
                      .indices = {}};
    recipe::Mixed mixed{.share = share};
    for (std::int64_t i = 0; i < micro; ++i) {
      if (pixels()) append(batch.masks, mask_of(first + i));
      if (!pixels()) append(batch.labels, labels_of(first + i));
      if (share < 1) append(mixed.labels, labels_of(first + (i + micro - 1) % micro));
    }
    at::Tensor input = images.narrow(0, first, micro);
    if (share < 1) input = at::add(at::mul(input, share), input.roll(1, 0), 1 - share);
    const metrics::Tally tally = add_batch(stepper, objective(), input.contiguous(at::MemoryFormat::ChannelsLast),
                                           batch, mixed, {.samples = fixture()["batch"]});
    EXPECT_EQ(metrics::samples_of(tally), micro);
    return metrics::loss_of(tally);
  }
};

TEST_P(TaskSteps, EqualPyTorchs) {
  at::set_num_threads(1);
  const std::int64_t count = fixture()["images"], size = fixture()["size"], batch = fixture()["batch"];
  const at::Tensor images = golden::fill("__input__", {count, 3, size, size});
  FilledNet net(pixels() ? pixel_graph(fixture()["pixel_classes"])
                         : zoo::build("resnet20", {.classes = fixture()["classes"]}));
  Learner& learner = net.learner;
  learner.optimizer =
      std::make_unique<Sgd>(learner.graph, learner.state, OptimizerSettings{.momentum = 0.9, .weight_decay = 5e-4});
  Stepper stepper(learner, {.rate = recipe::constant(expected()["lr"])});
  for (std::size_t step = 0; step < expected()["losses"].size(); ++step) {
    double sum = 0;
    const std::int64_t first = static_cast<std::int64_t>(step) * batch % count;
    for (std::int64_t at = first; at < first + batch; at += fixture()["micro"].get<std::int64_t>()) {
      sum += add(stepper, images, at);
    }
    const double loss = expected()["losses"][step];
    EXPECT_NEAR(sum / static_cast<double>(batch), loss, (step == 0 ? kFirst : kLater) * loss) << "step " << step + 1;
    stepper.update();
  }
  expect_norms(learner.graph, learner.state, expected()["l2"]);
}

INSTANTIATE_TEST_SUITE_P(Cases, TaskSteps, ::testing::Range<std::size_t>(0, fixture()["cases"].size()),
                         [](const auto& row) {
                           return fixture()["cases"][row.param]["name"].template get<std::string>();
                         });

}  // namespace
}  // namespace springbok::train
