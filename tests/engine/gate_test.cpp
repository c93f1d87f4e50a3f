// Squeeze-and-excitation's mean and product against ATen in float64.
#include "springbok/engine/kernels/gate.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/engine/kernel_support.h"

namespace springbok::engine {
namespace {

/// A gate whose factor is the sigmoid of the map's mean: both ops, and a gradient that is a sum of two.
struct Side {
  at::Tensor x, factor, y;

  Side(const std::vector<std::int64_t>& shape, at::ScalarType dtype)
      : x(made("x", shape, dtype)), factor(made("factor", {shape[0], shape[1], 1, 1}, dtype)) {}
  Side& ours() {
    y = gate(x, at::mul(at::sigmoid(map_means(x)), factor));
    backward(y);
    return *this;
  }
  Side& atens() {
    y = at::mul(x, at::mul(at::sigmoid(at::mean(x, {2, 3}, true)), factor));
    backward(y);
    return *this;
  }
};

class Gate : public testing::TestWithParam<std::vector<std::int64_t>> {};

TEST_P(Gate, EqualsAtenInDouble) {
  Side one(GetParam(), at::kFloat), ref(GetParam(), at::kDouble);
  const char* const misfit = gate_misfit(one.x, one.factor);
  ASSERT_TRUE(misfit == nullptr || std::string(misfit) == "few values") << misfit;
  one.ours();
  ref.atens();
  constexpr double kMost = 1e-6;
  EXPECT_LT(error(one.y, ref.y), kMost);
  EXPECT_LT(error(one.x.grad(), ref.x.grad()), kMost);
  EXPECT_LT(error(one.factor.grad(), ref.factor.grad()), kMost);
}

// Fewer pixels than are added at once, rests of them, more than a task takes.
INSTANTIATE_TEST_SUITE_P(Sizes, Gate,
                         testing::Values(std::vector<std::int64_t>{1, 8, 1, 1}, std::vector<std::int64_t>{3, 24, 5, 7},
                                         std::vector<std::int64_t>{2, 40, 33, 31},
                                         std::vector<std::int64_t>{1, 16, 40, 26}));

TEST(GateOp, ThreadsChangeNothing) {
  const int before = at::get_num_threads();
  at::set_num_threads(1);
  const Side one = Side({3, 16, 40, 41}, at::kFloat).ours();
  at::set_num_threads(5);
  const Side five = Side({3, 16, 40, 41}, at::kFloat).ours();
  at::set_num_threads(before);
  EXPECT_TRUE(at::equal(one.x.grad(), five.x.grad()));
  EXPECT_TRUE(at::equal(one.factor.grad(), five.factor.grad()));
}

TEST(GateOp, LeavesOthersToAten) {
  const at::Tensor x = made("x", {2, 32, 64, 64}, at::kFloat), factor = made("factor", {2, 32, 1, 1}, at::kFloat);
  EXPECT_EQ(gate_misfit(x, factor), nullptr);
  EXPECT_STREQ(gate_misfit(x.to(at::kBFloat16), factor), "not float32");
  EXPECT_STREQ(gate_misfit(x, factor.to(at::kBFloat16)), "its inputs are of two types");
  EXPECT_STREQ(gate_misfit(x.contiguous(), factor), "not channels last");
  EXPECT_STREQ(gate_misfit(x, made("factor", {2, 1, 64, 64}, at::kFloat)), "not one factor a channel");
  EXPECT_STREQ(gate_misfit(x, made("factor", {1, 32, 1, 1}, at::kFloat)), "not one factor a channel");
  EXPECT_STREQ(gate_misfit(made("x", {2, 32, 63, 64}, at::kFloat), factor), "few values");
}

/// Values and gradients to the bit, in any type and layout.
TEST(MapMeans, AreAtens) {
  for (const auto layout : {at::MemoryFormat::Contiguous, at::MemoryFormat::ChannelsLast}) {
    for (const auto type : {at::kDouble, at::kFloat, at::kBFloat16}) {
      const auto side = [&](auto&& means) {
        at::Tensor x = made("x", {2, 6, 5, 3}, type).detach().contiguous(layout).set_requires_grad(true);
        const at::Tensor y = means(x);
        backward(y);
        return std::pair(y.detach(), x.grad());
      };
      const auto ours = side(map_means);
      const auto atens = side([](const at::Tensor& x) { return at::adaptive_avg_pool2d(x, {1, 1}); });
      EXPECT_TRUE(at::equal(ours.first, atens.first));
      EXPECT_TRUE(at::equal(ours.second, atens.second));
    }
  }
}

}  // namespace
}  // namespace springbok::engine
