// Mixed precision: the types of outputs by op, and networks, are those of PyTorch's autocast on the CPU
// (make_autocast.py). Every op of the table runs in bfloat16 and float16.
#include "springbok/engine/autocast.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "springbok/base/choice.h"
#include "springbok/engine/executor.h"
#include "springbok/zoo/zoo.h"
#include "tests/engine/op_table.h"
#include "tests/golden/golden.h"

namespace springbok::engine {
namespace {

using namespace graph;
using Json = nlohmann::json;

const Json& fixture() {
  static const Json document = [] {
    Json json;
    std::ifstream(SPRINGBOK_SOURCE_DIR "/tests/engine/fixtures/autocast.json") >> json;
    return json;
  }();
  return document;
}

Precision precision_of(const std::string& name) {
  return find_choice<Precision>(name, precision_names()).value();
}

using Make = std::function<Value(const Scope&, Value)>;

/// The builders of the fixture's ops, of 8 channels.
const std::map<std::string, Make>& makers() {
  const auto act = [](Act kind) { return [kind](const Scope&, Value x) { return activation(x, kind); }; };
  const auto conv_of = [](std::int64_t groups) {
    return [groups](const Scope& s, Value x) { return conv(s / "op", x, {.out = 8, .kernel = 3, .groups = groups}); };
  };
  static const std::map<std::string, Make> all{
      {"conv2d", conv_of(1)},
      {"grouped_conv2d", conv_of(2)},
      {"depthwise_conv2d", conv_of(8)},
      {"conv_transpose2d", [](const Scope& s, Value x) { return conv_transpose(s / "op", x, {.out = 8}); }},
      {"batch_norm", [](const Scope& s, Value x) { return norm(s / "op", x); }},
      {"instance_norm", [](const Scope& s, Value x) { return instance_norm(s / "op", x); }},
      {"linear", [](const Scope& s, Value x) { return linear(s / "op", flatten(global_pool(x)), {.out = 8}); }},
      {"relu", act(Act::relu)},
      {"relu6", act(Act::relu6)},
      {"sigmoid", act(Act::sigmoid)},
      {"silu", act(Act::silu)},
      {"hardswish", act(Act::hardswish)},
      {"hardsigmoid", act(Act::hardsigmoid)},
      {"max_pool", [](const Scope&, Value x) { return max_pool(x, {.kernel = 3, .stride = 2, .padding = 1}); }},
      {"avg_pool", [](const Scope&, Value x) { return avg_pool(x, {}); }},
      {"global_pool", [](const Scope&, Value x) { return global_pool(x); }},
      {"flatten", [](const Scope&, Value x) { return flatten(x); }},
      {"add", [](const Scope&, Value x) { return add(x, x); }},
      {"add_types", [](const Scope& s, Value x) { return add(x, conv(s / "op", x, {.out = 8})); }},
      {"gate", [](const Scope&, Value x) { return gate(x, activation(global_pool(x), Act::sigmoid)); }},
      {"concat",
       [](const Scope& s, Value x) {
         return concat({x, conv(s / "op", x, {.out = 8})});
       }},
      {"pad_even", [](const Scope&, Value x) { return pad_even(trim(x, 1)); }},
      {"upsample", [](const Scope&, Value x) { return upsample(x, 2); }},
      {"upsample_nearest", [](const Scope&, Value x) { return upsample_nearest(x, 2); }},
      {"log_softmax", [](const Scope&, Value x) { return log_softmax(flatten(x)); }},
      {"pad_channels", [](const Scope&, Value x) { return pad_channels(x, 16, 1); }},
      {"radix_softmax", [](const Scope&, Value x) { return radix_softmax(x, 2); }},
      {"channel_scale", [](const Scope& s, Value x) { return channel_scale(s / "op", x); }},
  };
  return all;
}

/// The type of the op's value, given float32 or, behind a convolution, the lower type.
std::string type_made(const Make& make, bool lower, Precision precision, bool train) {
  Graph graph;
  const Scope root{&graph, ""};
  const Value x = input(graph, 8);
  output(make(root, lower ? conv(root / "before", x, {.out = 8}) : x));
  const State state = golden::filled_state(graph, at::kFloat);
  at::ScalarType made = at::kDouble;
  const Pass pass{.train = train, .precision = precision, .observe = [&](NodeId id, const at::Tensor& value) {
                    if (id == graph.output()) made = value.scalar_type();
                  }};
  const at::Tensor y = Executor(graph).forward(state, golden::fill("__input__", {2, 8, 6, 6}).to(at::kFloat), pass);
  EXPECT_EQ(y.scalar_type(), at::kFloat);  // whatever the op made
  for (const Precision each : {Precision::fp32, Precision::bf16, Precision::fp16}) {
    if (type_of(each) == made) return name_of(each, precision_names());
  }
  return "none";
}

TEST(Autocast, TypesOfOutputsArePyTorchs) {
  int compared = 0;
  for (const auto& [op, types] : fixture()["ops"].items()) {
    const bool evaluation = op == "batch_norm_eval";
    ASSERT_TRUE(evaluation || makers().contains(op)) << op;
    for (const auto& [key, wanted] : types.items()) {
      const std::string given = key.substr(0, key.find(' ')), under = key.substr(key.rfind(' ') + 1);
      EXPECT_EQ(
          type_made(makers().at(evaluation ? "batch_norm" : op), given != "fp32", precision_of(under), !evaluation),
          wanted)
          << op << ", " << key;
      ++compared;
    }
  }
  EXPECT_EQ(compared, 4 * (static_cast<int>(makers().size()) + 1));
}

/// The distance of two lists of numbers as a share of the second's length.
double distance(const std::vector<double>& a, const std::vector<double>& b) {
  double difference = 0, length = 0;
  EXPECT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < b.size(); ++i) {
    difference += (a[i] - b[i]) * (a[i] - b[i]);
    length += b[i] * b[i];
  }
  return std::sqrt(difference / length);
}

/// As make_autocast.py takes them.
std::vector<double> sample(const at::Tensor& tensor) {
  const at::Tensor flat = tensor.detach().contiguous().flatten().to(at::kDouble);
  const std::int64_t samples = fixture()["samples"], step = std::max<std::int64_t>(1, flat.numel() / samples);
  std::vector<double> values;
  for (std::int64_t i = 0; i < flat.numel() && std::ssize(values) < samples; i += step) {
    values.push_back(flat.const_data_ptr<double>()[i]);
  }
  return values;
}

/// A network's run: its output, gradients and running statistics as the fixture has them.
struct NetRun {
  std::vector<double> output, gradients, running;
};

NetRun ours(const std::string& name, const Json& wanted, Precision precision) {
  zoo::ModelOptions options;
  options.classes = fixture()["classes"];
  options.dropout = 0;
  const Graph graph = zoo::build(name, options);
  State state = golden::filled_state(graph, at::kFloat);
  for (std::size_t i = 0; i < graph.params().size(); ++i) {
    if (!graph.params()[i].integer) state.tensors[i].set_requires_grad(graph.params()[i].trainable);
  }
  const at::Tensor x = golden::fill("__input__", fixture()["shape"].get<Shape>()).to(at::kFloat);
  Effects effects;
  const at::Tensor y = Executor(graph).forward(state, x.contiguous(at::MemoryFormat::ChannelsLast),
                                               {.train = true, .precision = precision, .effects = &effects});
  at::sum(at::mul(y, golden::fill("__target__", y.sizes().vec()).to(at::kFloat))).backward();
  effects.apply(state);
  NetRun run;
  const at::Tensor flat = y.detach().flatten().to(at::kDouble);
  run.output = {flat.const_data_ptr<double>(), flat.const_data_ptr<double>() + flat.numel()};
  for (std::size_t i = 0; i < graph.params().size(); ++i) {
    const std::string& key = graph.params()[i].name;
    if (wanted["running"].contains(key)) run.running = sample(state.tensors[i]);
    if (!wanted["gradients"].contains(key)) continue;
    EXPECT_EQ(state.tensors[i].grad().scalar_type(), at::kFloat) << key;
    const std::vector<double> values = sample(state.tensors[i].grad());
    run.gradients.insert(run.gradients.end(), values.begin(), values.end());
  }
  return run;
}

/// In the order of the graph's parameters.
NetRun theirs(const std::string& name, const Json& stored) {
  zoo::ModelOptions options;
  options.classes = fixture()["classes"];
  NetRun run{
      .output = stored["output"], .gradients = {}, .running = stored["running"].begin()->get<std::vector<double>>()};
  const Graph network = zoo::build(name, options);
  for (const Param& param : network.params()) {
    if (!stored["gradients"].contains(param.name)) continue;
    const auto values = stored["gradients"][param.name].get<std::vector<double>>();
    run.gradients.insert(run.gradients.end(), values.begin(), values.end());
  }
  return run;
}

/// Ours is as far from float32 as eager's, and from eager's no farther than two roundings are.
TEST(Autocast, NetworksAgreeWithEagerWithinItsNoise) {
  for (const auto& [name, stored] : fixture()["nets"].items()) {
    const NetRun exact = theirs(name, stored["fp32"]);
    for (const std::string under : {"bf16", "fp16"}) {
      const NetRun eager = theirs(name, stored[under]), got = ours(name, stored["fp32"], precision_of(under));
      for (const auto part : {&NetRun::output, &NetRun::gradients, &NetRun::running}) {
        const double noise = distance(eager.*part, exact.*part);
        EXPECT_LT(distance(got.*part, exact.*part), 1.5 * noise) << name << " " << under;
        EXPECT_GT(distance(got.*part, exact.*part), noise / 2) << name << " " << under << ": computed in float32?";
        EXPECT_LT(distance(got.*part, eager.*part), 2 * noise) << name << " " << under;
      }
    }
  }
}

class LowerOp : public testing::TestWithParam<OpRow> {};

/// Behind a convolution, so that the op is given the lower type; in training, with gradients.
TEST_P(LowerOp, IsCloseToFloat32) {
  const OpRow& row = GetParam();
  if (row.input.size() != 4) return;
  Graph graph;
  const Scope root{&graph, ""};
  output(row.make(root / "op", conv(root / "before", input(graph, row.input[1]), {.out = row.input[1]})));
  const at::Tensor x = golden::fill("__input__", row.input).to(at::kFloat);
  std::map<Precision, std::pair<at::Tensor, at::Tensor>> runs;  // output, gradient of the convolution
  for (const Precision precision : {Precision::fp32, Precision::bf16, Precision::fp16}) {
    const State state = golden::filled_state(graph, at::kFloat);
    const at::Tensor weight = state.tensors[0].set_requires_grad(true);
    const at::Tensor y = Executor(graph).forward(state, x, {.train = true, .precision = precision});
    at::sum(at::mul(y, golden::fill("__target__", y.sizes().vec()).to(at::kFloat))).backward();
    runs[precision] = {y.detach(), weight.grad()};
  }
  const auto& [y, gradient] = runs[Precision::fp32];
  for (const auto& [precision, most] : {std::pair(Precision::bf16, 0.06), {Precision::fp16, 0.01}}) {
    const double far = at::sub(runs[precision].first, y).norm().item<double>() / y.norm().item<double>();
    EXPECT_LT(far, most) << name_of(precision, precision_names());
    const double scale = std::max(gradient.norm().item<double>(), 1e-3);
    // Offsets in the lower type, of the deformable convolution, pass the corners of their gradients.
    EXPECT_LT(at::sub(runs[precision].second, gradient).norm().item<double>() / scale, 5 * most);
  }
}

INSTANTIATE_TEST_SUITE_P(Table, LowerOp, testing::ValuesIn(op_rows()), [](const auto& row) {
  std::string name;
  for (const char c : row.param.name) name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
});

TEST(Autocast, EndsWithThePass) {
  const at::Tensor a = at::ones({2, 2}), weight = at::ones({2, 2}).set_requires_grad(true);
  {
    const Autocast mixed(Precision::bf16, at::kCPU);
    EXPECT_EQ(at::matmul(a, a).scalar_type(), at::kBFloat16);
    EXPECT_TRUE(lowered(weight).is_same(lowered(weight)));  // cast once
    const Autocast off(Precision::fp32, at::kCPU);
    EXPECT_EQ(at::matmul(a, a).scalar_type(), at::kFloat);
  }
  EXPECT_EQ(at::matmul(a, a).scalar_type(), at::kFloat);
}

}  // namespace
}  // namespace springbok::engine
