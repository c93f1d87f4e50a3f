// Norm, addition and activation as one op against ATen's ops in float64, and inside the executor.
#include "springbok/engine/kernels/norm_relu.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <limits>

#include "springbok/engine/executor.h"
#include "springbok/graph/build.h"
#include "tests/golden/golden.h"

namespace springbok::engine {
namespace {

struct Case {
  std::vector<std::int64_t> shape;
  bool add, relu;
};

class NormRelu : public testing::TestWithParam<Case> {};

/// One op's inputs, outputs and gradients, in float or double.
struct Side {
  at::Tensor x, addend, y;
  NormState norm;

  Side(const Case& c, at::ScalarType dtype) {
    const auto made = [&](const char* name, const std::vector<std::int64_t>& shape) {
      return golden::fill(name, shape).to(at::kFloat).to(dtype);
    };
    const std::vector<std::int64_t> channels{c.shape[1]};
    x = at::add(made("__input__", c.shape), 3).contiguous(at::MemoryFormat::ChannelsLast).set_requires_grad(true);
    addend = made("addend", c.shape).contiguous(at::MemoryFormat::ChannelsLast).set_requires_grad(true);
    norm = {made("weight", channels).set_requires_grad(true),
            made("bias", channels).set_requires_grad(true),
            made("running_mean", channels),
            made("running_var", channels),
            0.3,
            1e-5};
  }
  void backward() { at::sum(at::mul(y, golden::fill("__target__", y.sizes().vec()).to(y.scalar_type()))).backward(); }
};

at::Tensor atens(const Case& c, const Side& side) {
  at::Tensor y = at::batch_norm(side.x, side.norm.weight, side.norm.bias, side.norm.mean, side.norm.var, true,
                                side.norm.momentum, side.norm.eps, false);
  if (c.add) y = at::add(y, side.addend);
  return c.relu ? at::relu(y) : y;
}

Side wanted(const Case& c) {
  Side side(c, at::kDouble);
  side.y = atens(c, side);
  side.backward();
  return side;
}

Side got(const Case& c) {
  Side side(c, at::kFloat);
  EXPECT_EQ(norm_relu_misfit(side.x), nullptr);
  side.y = norm_relu(side.x, c.add ? std::optional<at::Tensor>(side.addend) : std::nullopt, side.norm, c.relu);
  side.backward();
  return side;
}

double error(const at::Tensor& got, const at::Tensor& wanted) {
  return at::max(at::abs(at::sub(got.to(at::kDouble), wanted))).item<double>() /
         at::max(at::abs(wanted)).item<double>();
}

TEST_P(NormRelu, EqualsAtenInDouble) {
  const Side one = got(GetParam()), ref = wanted(GetParam());
  constexpr double kMost = 3e-6;
  EXPECT_LT(error(one.y, ref.y), kMost);
  EXPECT_LT(error(one.x.grad(), ref.x.grad()), kMost);
  EXPECT_LT(error(one.norm.weight.grad(), ref.norm.weight.grad()), kMost);
  EXPECT_LT(error(one.norm.bias.grad(), ref.norm.bias.grad()), kMost);
  EXPECT_LT(error(one.norm.mean, ref.norm.mean), kMost);
  EXPECT_LT(error(one.norm.var, ref.norm.var), kMost);
  EXPECT_EQ(one.addend.grad().defined(), GetParam().add);
  if (GetParam().add) {
    EXPECT_LT(error(one.addend.grad(), ref.addend.grad()), kMost);
  }
}

/// Images in bfloat16, all else in float32: what is rounded is the result.
TEST_P(NormRelu, TakesBfloat16) {
  const Case& c = GetParam();
  const auto rounded = [](const at::Tensor& tensor, at::ScalarType dtype) {
    return tensor.detach().to(at::kBFloat16).to(dtype).set_requires_grad(true);
  };
  Side one(c, at::kFloat), ref(c, at::kDouble);
  for (const auto& [side, dtype] : {std::pair(&one, at::kBFloat16), {&ref, at::kDouble}}) {
    side->x = rounded(side->x, dtype);
    side->addend = rounded(side->addend, dtype);
  }
  ASSERT_EQ(norm_relu_misfit(one.x), nullptr);
  one.y = norm_relu(one.x, c.add ? std::optional<at::Tensor>(one.addend) : std::nullopt, one.norm, c.relu);
  EXPECT_EQ(one.y.scalar_type(), at::kBFloat16);
  one.backward();
  ref.y = atens(c, ref);
  ref.backward();
  constexpr double kMost = 2.0 / 256;
  EXPECT_LT(error(one.y, ref.y), kMost);
  EXPECT_LT(error(one.x.grad(), ref.x.grad()), kMost);
  EXPECT_LT(error(one.norm.weight.grad(), ref.norm.weight.grad()), kMost);
  EXPECT_LT(error(one.norm.bias.grad(), ref.norm.bias.grad()), kMost);
  EXPECT_LT(error(one.norm.mean, ref.norm.mean), 3e-6);
  EXPECT_LT(error(one.norm.var, ref.norm.var), 3e-6);
}

INSTANTIATE_TEST_SUITE_P(Shapes, NormRelu,
                         testing::Values(Case{{4, 16, 28, 28}, false, true}, Case{{4, 16, 28, 28}, true, true},
                                         Case{{4, 16, 28, 28}, false, false}, Case{{3, 8, 5, 7}, false, true},
                                         Case{{3, 8, 5, 7}, true, true}, Case{{16, 2048, 1, 1}, false, true},
                                         Case{{2, 2048, 3, 3}, true, true}, Case{{3, 24, 3, 3}, false, true}));

TEST(NormReluOp, ThreadsChangeNothing) {
  const int before = at::get_num_threads();
  const Case big{{8, 64, 24, 24}, true, true};
  at::set_num_threads(1);
  const Side one = got(big);
  at::set_num_threads(3);
  const Side three = got(big);
  at::set_num_threads(before);
  EXPECT_TRUE(at::equal(one.y, three.y));
  EXPECT_TRUE(at::equal(one.x.grad(), three.x.grad()));
  EXPECT_TRUE(at::equal(one.norm.weight.grad(), three.norm.weight.grad()));
}

TEST(NormReluOp, NanPasses) {
  Side side({{2, 8, 2, 2}, true, true}, at::kFloat);
  side.addend.mutable_data_ptr<float>()[3] = std::numeric_limits<float>::quiet_NaN();
  const at::Tensor y = norm_relu(side.x.detach(), side.addend.detach(), side.norm, true);
  EXPECT_EQ(at::sum(at::isnan(y)).item<std::int64_t>(), 1);
}

TEST(NormReluOp, TakesOnlyWhatItsKernelsRead) {
  const at::Tensor fits = at::zeros({2, 8, 4, 4}).contiguous(at::MemoryFormat::ChannelsLast);
  EXPECT_EQ(norm_relu_misfit(fits), nullptr);
  EXPECT_STREQ(norm_relu_misfit(fits.to(at::kDouble)), "float64");
  EXPECT_STREQ(norm_relu_misfit(at::zeros({2, 8, 4, 4})), "not channels last");
  EXPECT_STREQ(norm_relu_misfit(at::zeros({2, 12, 4, 4}).contiguous(at::MemoryFormat::ChannelsLast)),
               "channels are no multiple of 8");
  EXPECT_STREQ(norm_relu_misfit(at::zeros({1, 8, 1, 1})), "one value a channel");
  EXPECT_STREQ(norm_relu_misfit(fits.narrow(0, 0, 0)), "no images");
}

struct ActCase {
  graph::Act act;
  const char* name;
  at::Tensor (*op)(const at::Tensor&);
  bool same_bits;  ///< as ATen's op behind the norm: all but those with an exponential function
};

class NormAct : public testing::TestWithParam<ActCase> {};

const Case kActShape{{3, 24, 9, 7}, false, true};

/// Half of the values beyond where the bounded activations end.
Side spread(at::ScalarType dtype) {
  Side side(kActShape, dtype);
  at::NoGradGuard quiet;
  side.norm.weight.mul_(4).add_(3);
  return side;
}

TEST_P(NormAct, EqualsAtenInDouble) {
  Side one = spread(at::kFloat), ref = spread(at::kDouble);
  one.y = norm_act(one.x, one.norm, GetParam().act);
  one.backward();
  ref.y = GetParam().op(at::batch_norm(ref.x, ref.norm.weight, ref.norm.bias, ref.norm.mean, ref.norm.var, true,
                                       ref.norm.momentum, ref.norm.eps, false));
  ref.backward();
  constexpr double kMost = 3e-6;
  EXPECT_LT(error(one.y, ref.y), kMost);
  EXPECT_LT(error(one.x.grad(), ref.x.grad()), kMost);
  EXPECT_LT(error(one.norm.weight.grad(), ref.norm.weight.grad()), kMost);
  EXPECT_LT(error(one.norm.bias.grad(), ref.norm.bias.grad()), kMost);
  EXPECT_LT(error(one.norm.var, ref.norm.var), kMost);
}

TEST_P(NormAct, EqualsTheTwoOps) {
  Side one = spread(at::kFloat), two = spread(at::kFloat);
  one.y = norm_act(one.x, one.norm, GetParam().act);
  one.backward();
  two.y = GetParam().op(norm_relu(two.x, std::nullopt, two.norm, false));
  two.backward();
  EXPECT_LT(error(one.y, two.y.to(at::kDouble)), 1e-6);
  if (!GetParam().same_bits) return;
  EXPECT_TRUE(at::equal(one.y, two.y));
  EXPECT_TRUE(at::equal(one.x.grad(), two.x.grad()));
  EXPECT_TRUE(at::equal(one.norm.weight.grad(), two.norm.weight.grad()));
  EXPECT_TRUE(at::equal(one.norm.bias.grad(), two.norm.bias.grad()));
}

/// Very large and small values, and those that are no number.
TEST_P(NormAct, ExtremesAreAtens) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const at::Tensor bias = at::tensor({-200.F, -104.F, -88.F, 88.F, 200.F, 3e38F, -3e38F, kInfinity}).view({8});
  const at::Tensor x = at::zeros({2, 8, 1, 1}).contiguous(at::MemoryFormat::ChannelsLast);
  NormState norm{at::ones({8}), bias, at::zeros({8}), at::ones({8}), 0.1, 1e-5};
  const at::Tensor y = norm_act(x, norm, GetParam().act), wanted = GetParam().op(bias);
  EXPECT_TRUE(at::allclose(y[0].flatten(), wanted, 1e-6, 1e-30)) << y[0].flatten() << wanted;
  norm.bias.fill_(std::numeric_limits<float>::quiet_NaN());
  EXPECT_TRUE(at::all(at::isnan(norm_act(x, norm, GetParam().act))).item<bool>());
}

INSTANTIATE_TEST_SUITE_P(
    Acts, NormAct,
    testing::Values(
        ActCase{graph::Act::relu, "relu", [](const at::Tensor& v) { return at::relu(v); }, true},
        ActCase{graph::Act::relu6, "relu6", [](const at::Tensor& v) { return at::hardtanh(v, 0, 6); }, true},
        ActCase{graph::Act::sigmoid, "sigmoid", [](const at::Tensor& v) { return at::sigmoid(v); }, false},
        ActCase{graph::Act::silu, "silu", [](const at::Tensor& v) { return at::silu(v); }, false},
        ActCase{graph::Act::hardswish, "hardswish", [](const at::Tensor& v) { return at::hardswish(v); }, true},
        ActCase{graph::Act::hardsigmoid, "hardsigmoid", [](const at::Tensor& v) { return at::hardsigmoid(v); }, true}),
    [](const auto& row) { return row.param.name; });

/// relu(norm + norm) and relu(norm) as the executor runs them: fused in float, op by op in double.
TEST(NormReluOp, ExecutorFusesWithoutChangingTheResult) {
  using namespace graph;
  Graph graph;
  const Scope root{&graph, ""};
  const Value x = input(graph, 3);
  const Value stem = relu(norm(root / "n0", conv(root / "c0", x, {.out = 16, .kernel = 3})));
  const Value left = norm(root / "n1", conv(root / "c1", stem, {.out = 16}));
  const Value right = norm(root / "n2", conv(root / "c2", stem, {.out = 16}));
  const Value first = relu(add(left, right));
  const Value second = relu(add(first, norm(root / "n3", conv(root / "c3", first, {.out = 16}))));
  graph::output(second);
  const Executor executor(graph);
  const Fusions fusions = find_fusions(graph);
  EXPECT_TRUE(fusions.at_act[stem.id]);
  EXPECT_EQ(fusions.at_act[first.id]->addend, right.id);
  EXPECT_EQ(fusions.at_act[second.id]->addend, first.id);

  const auto run = [&](at::ScalarType dtype, std::vector<at::Tensor>& values) {
    State state = golden::filled_state(graph, dtype);
    const at::Tensor input =
        golden::fill("__input__", {2, 3, 8, 8}).to(dtype).contiguous(at::MemoryFormat::ChannelsLast);
    Effects effects;
    values.push_back(executor.forward(state, input, {.train = true, .effects = &effects}));
    effects.apply(state);
    at::sum(at::mul(values[0], golden::fill("__target__", values[0].sizes().vec()).to(dtype))).backward();
    for (const at::Tensor& tensor : state.tensors) values.push_back(tensor.requires_grad() ? tensor.grad() : tensor);
  };
  std::vector<at::Tensor> fused, plain;
  run(at::kFloat, fused);
  run(at::kDouble, plain);
  ASSERT_EQ(fused.size(), plain.size());
  for (std::size_t i = 0; i < fused.size(); ++i) {
    if (fused[i].scalar_type() == at::kLong) {
      EXPECT_TRUE(at::equal(fused[i], plain[i]));
    } else {
      EXPECT_LT(error(fused[i], plain[i]), 1e-5) << "value " << i;
    }
  }
}

}  // namespace
}  // namespace springbok::engine
