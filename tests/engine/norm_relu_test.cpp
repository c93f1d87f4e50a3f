// Norm, addition and ReLU as one op against ATen's ops in float64, and inside the executor.
#include "springbok/engine/kernels/norm_relu.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
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

Side wanted(const Case& c) {
  Side side(c, at::kDouble);
  side.y = at::batch_norm(side.x, side.norm.weight, side.norm.bias, side.norm.mean, side.norm.var, true,
                          side.norm.momentum, side.norm.eps, false);
  if (c.add) side.y = at::add(side.y, side.addend);
  if (c.relu) side.y = at::relu(side.y);
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
  EXPECT_TRUE(fusions.at_relu[stem.id]);
  EXPECT_EQ(fusions.at_relu[first.id]->addend, right.id);
  EXPECT_EQ(fusions.at_relu[second.id]->addend, first.id);

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
