// Depthwise convolutions against ATen in float64.
#include "springbok/engine/kernels/depthwise.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/engine/kernel_support.h"

namespace springbok::engine {
namespace {

struct Case {
  std::int64_t kernel, stride, rows_around, columns_around, images, channels, height, width;
};

graph::Conv2d described(const Case& c) {
  graph::Conv2d op;
  op.in = op.out = op.groups = c.channels;
  op.kernel = {c.kernel, c.kernel};
  op.stride = {c.stride, c.stride};
  op.padding = {c.rows_around, c.columns_around};
  return op;
}

/// One op's inputs, output and gradients.
struct Side {
  at::Tensor x, w, y;

  Side(const Case& c, at::ScalarType dtype)
      : x(made("x", {c.images, c.channels, c.height, c.width}, dtype)),
        w(made("w", {c.channels, 1, c.kernel, c.kernel}, dtype)) {}
  Side& ours(const Case& c) {
    y = depthwise(x, w, {c.stride, c.stride}, {c.rows_around, c.columns_around});
    backward(y);
    return *this;
  }
  Side& atens(const Case& c) {
    y = at::conv2d(x, w, {}, {c.stride, c.stride}, {c.rows_around, c.columns_around}, {1, 1}, c.channels);
    backward(y);
    return *this;
  }
};

class DepthwiseConv : public testing::TestWithParam<Case> {};

TEST_P(DepthwiseConv, EqualsAtenInDouble) {
  const Case& c = GetParam();
  Side one(c, at::kFloat), ref(c, at::kDouble);
  const char* const misfit = depthwise_misfit(described(c), one.x);
  ASSERT_TRUE(misfit == nullptr || std::string(misfit) == "few values") << misfit;
  one.ours(c);
  ref.atens(c);
  constexpr double kMost = 1e-6;
  ASSERT_EQ(one.y.sizes(), ref.y.sizes());
  EXPECT_LT(error(one.y, ref.y), kMost);
  EXPECT_LT(error(one.x.grad(), ref.x.grad()), kMost);
  EXPECT_LT(error(one.w.grad(), ref.w.grad()), kMost);
}

/// What is rounded is the result: sums are float32's.
TEST(DepthwiseOp, TakesBfloat16) {
  const Case c{5, 2, 2, 2, 4, 16, 80, 80};
  Side one(c, at::kBFloat16), ref(c, at::kDouble);
  one.x = made_lower("x", {4, 16, 80, 80}, at::kBFloat16), one.w = made_lower("w", {16, 1, 5, 5}, at::kBFloat16);
  ref.x = made_lower("x", {4, 16, 80, 80}, at::kDouble), ref.w = made_lower("w", {16, 1, 5, 5}, at::kDouble);
  ASSERT_EQ(depthwise_misfit(described(c), one.x), nullptr);
  one.ours(c);
  ref.atens(c);
  EXPECT_EQ(one.y.scalar_type(), at::kBFloat16);
  EXPECT_LT(error(one.y, ref.y), kLowerRounding);
  EXPECT_LT(error(one.x.grad(), ref.x.grad()), kLowerRounding);
  EXPECT_LT(error(one.w.grad(), ref.w.grad()), kLowerRounding);
}

// Maps narrower than a tile, of whole tiles and of a rest. More rows than a task takes; a last row or column that no
// window reaches. No padding, more than the usual, and another one for rows than for columns.
INSTANTIATE_TEST_SUITE_P(
    Sizes, DepthwiseConv,
    testing::Values(Case{3, 1, 1, 1, 2, 16, 14, 14}, Case{3, 1, 1, 1, 1, 8, 1, 1}, Case{3, 1, 1, 1, 3, 24, 5, 6},
                    Case{3, 1, 1, 1, 2, 8, 35, 17}, Case{3, 1, 0, 0, 2, 8, 9, 11}, Case{3, 1, 2, 0, 1, 8, 4, 9},
                    Case{3, 2, 1, 1, 2, 16, 28, 28}, Case{3, 2, 1, 1, 1, 8, 2, 1}, Case{3, 2, 0, 0, 2, 8, 15, 34},
                    Case{3, 2, 1, 2, 3, 24, 33, 16}, Case{5, 1, 2, 2, 2, 16, 14, 14}, Case{5, 1, 2, 2, 1, 8, 1, 2},
                    Case{5, 1, 4, 1, 2, 8, 20, 9}, Case{5, 1, 2, 2, 3, 40, 7, 7}, Case{5, 2, 2, 2, 2, 16, 28, 28},
                    Case{5, 2, 2, 2, 1, 8, 2, 1}, Case{5, 2, 2, 2, 2, 24, 15, 16}, Case{5, 2, 0, 0, 2, 8, 14, 34},
                    Case{5, 2, 1, 3, 1, 8, 6, 10}));

TEST(DepthwiseOp, ThreadsChangeNothing) {
  const int before = at::get_num_threads();
  const Case big{5, 2, 2, 2, 3, 16, 70, 33};
  at::set_num_threads(1);
  const Side one = Side(big, at::kFloat).ours(big);
  at::set_num_threads(3);
  const Side three = Side(big, at::kFloat).ours(big);
  at::set_num_threads(before);
  EXPECT_TRUE(at::equal(one.y, three.y));
  EXPECT_TRUE(at::equal(one.x.grad(), three.x.grad()));
  EXPECT_TRUE(at::equal(one.w.grad(), three.w.grad()));
}

TEST(DepthwiseOp, LeavesOthersToAten) {
  const Case fits{3, 1, 1, 1, 1, 16, 128, 128};
  const at::Tensor x = made("x", {1, 16, 128, 128}, at::kFloat);
  graph::Conv2d op = described(fits);
  EXPECT_EQ(depthwise_misfit(op, x), nullptr);
  EXPECT_STREQ(depthwise_misfit(op, x.to(at::kDouble)), "float64");
  EXPECT_STREQ(depthwise_misfit(op, x.to(at::kHalf)), "not float32");
  EXPECT_STREQ(depthwise_misfit(op, x.contiguous()), "not channels last");
  EXPECT_STREQ(depthwise_misfit(op, x.narrow(0, 0, 0)), "no images");
  EXPECT_STREQ(depthwise_misfit(op, made("x", {1, 16, 64, 64}, at::kFloat)), "few values");
  EXPECT_STREQ(depthwise_misfit(described({3, 1, 1, 1, 1, 12, 4, 4}), made("x", {1, 12, 4, 4}, at::kFloat)),
               "channels are no multiple of 8");
  op.bias = 0;
  EXPECT_STREQ(depthwise_misfit(op, x), "with a bias");
  op = described(fits);
  op.out = 32;
  EXPECT_STREQ(depthwise_misfit(op, x), "not one channel a group");
  const char* const other_window = "not 3 x 3 nor 5 x 5 with stride 1 or 2";
  for (const auto& change : std::initializer_list<void (*)(graph::Conv2d&)>{[](graph::Conv2d& conv) {
                                                                              conv.kernel = {7, 7};
                                                                            },
                                                                            [](graph::Conv2d& conv) {
                                                                              conv.kernel = {3, 5};
                                                                            },
                                                                            [](graph::Conv2d& conv) {
                                                                              conv.stride = {1, 2};
                                                                            },
                                                                            [](graph::Conv2d& conv) {
                                                                              conv.stride = {3, 3};
                                                                            },
                                                                            [](graph::Conv2d& conv) {
                                                                              conv.dilation = {2, 2};
                                                                            },
                                                                            [](graph::Conv2d& conv) {
                                                                              conv.padding = {3, 3};
                                                                            }}) {
    op = described(fits);
    change(op);
    EXPECT_STREQ(depthwise_misfit(op, x), other_window);
  }
}

TEST(DepthwiseOp, OnlyWhatWantsAGradientGetsOne) {
  const Case c{3, 1, 1, 1, 1, 8, 4, 4};
  Side frozen(c, at::kFloat), first(c, at::kFloat);
  frozen.w.set_requires_grad(false);
  EXPECT_TRUE(frozen.ours(c).x.grad().defined());
  EXPECT_FALSE(frozen.w.grad().defined());
  first.x.set_requires_grad(false);
  EXPECT_TRUE(first.ours(c).w.grad().defined());
  EXPECT_FALSE(first.x.grad().defined());
}

}  // namespace
}  // namespace springbok::engine
