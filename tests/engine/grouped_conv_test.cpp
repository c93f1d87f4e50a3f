// Grouped convolutions of few channels a group against ATen in float64.
#include "springbok/engine/kernels/grouped_conv.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include "tests/engine/kernel_support.h"

namespace springbok::engine {
namespace {

constexpr double kMost = 1e-6;

graph::Conv2d described(std::int64_t channels, std::int64_t group) {
  graph::Conv2d op;
  op.in = op.out = channels;
  op.kernel = {3, 3};
  op.padding = {1, 1};
  op.groups = channels / group;
  return op;
}

struct Case {
  std::int64_t group, images, channels, height, width;
};

class GroupedConv : public testing::TestWithParam<Case> {};

TEST_P(GroupedConv, EqualsAtenInDouble) {
  const auto [group, images, channels, height, width] = GetParam();
  const std::vector<std::int64_t> shape{images, channels, height, width}, weights{channels, group, 3, 3};
  const at::Tensor x = made("x", shape, at::kFloat), w = made("w", weights, at::kFloat);
  ASSERT_EQ(grouped_conv_misfit(described(channels, group), x, w), nullptr);
  const at::Tensor y = grouped_conv(x, w);
  backward(y);

  const at::Tensor ref_x = made("x", shape, at::kDouble), ref_w = made("w", weights, at::kDouble);
  const at::Tensor ref = at::conv2d(ref_x, ref_w, {}, {1, 1}, {1, 1}, {1, 1}, channels / group);
  backward(ref);
  EXPECT_LT(error(y, ref), kMost);
  EXPECT_LT(error(x.grad(), ref_x.grad()), kMost);
  EXPECT_LT(error(w.grad(), ref_w.grad()), kMost);
}

// Every tile's width, images of one pixel, more rows than a task of the weights' gradient takes.
INSTANTIATE_TEST_SUITE_P(Sizes, GroupedConv,
                         testing::Values(Case{4, 2, 16, 5, 1}, Case{4, 1, 8, 1, 1}, Case{4, 3, 24, 4, 2},
                                         Case{4, 1, 8, 3, 10}, Case{4, 2, 16, 20, 11}, Case{4, 1, 8, 1, 12},
                                         Case{8, 2, 16, 14, 14}, Case{8, 1, 8, 1, 1}, Case{8, 3, 24, 2, 13},
                                         Case{8, 2, 64, 19, 8}, Case{8, 1, 16, 6, 3}));

/// What is rounded is the result: sums are float32's.
TEST(GroupedConvOp, TakesBfloat16) {
  const std::vector<std::int64_t> shape{2, 16, 9, 7}, weights{16, 4, 3, 3};
  const at::Tensor x = made_lower("x", shape, at::kBFloat16), w = made_lower("w", weights, at::kBFloat16);
  ASSERT_EQ(grouped_conv_misfit(described(16, 4), x, w), nullptr);
  const at::Tensor y = grouped_conv(x, w);
  EXPECT_EQ(y.scalar_type(), at::kBFloat16);
  backward(y);
  const at::Tensor ref_x = made_lower("x", shape, at::kDouble), ref_w = made_lower("w", weights, at::kDouble);
  const at::Tensor ref = at::conv2d(ref_x, ref_w, {}, {1, 1}, {1, 1}, {1, 1}, 4);
  backward(ref);
  EXPECT_LT(error(y, ref), kLowerRounding);
  EXPECT_LT(error(x.grad(), ref_x.grad()), kLowerRounding);
  EXPECT_LT(error(w.grad(), ref_w.grad()), kLowerRounding);
}

TEST(GroupedConvOp, LeavesOthersToAten) {
  const at::Tensor x = made("x", {1, 16, 4, 4}, at::kFloat), w = made("w", {16, 4, 3, 3}, at::kFloat);
  graph::Conv2d op = described(16, 4);
  EXPECT_EQ(grouped_conv_misfit(op, x, w), nullptr);
  EXPECT_STREQ(grouped_conv_misfit(op, x.to(at::kDouble), w.to(at::kDouble)), "float64");
  EXPECT_STREQ(grouped_conv_misfit(op, x.contiguous(), w), "not channels last");
  EXPECT_STREQ(grouped_conv_misfit(op, x, w.contiguous()), "its weight is not channels last");
  const char* const other_window = "not 3 x 3 with stride, padding and dilation 1";
  op.stride = {2, 2};
  EXPECT_STREQ(grouped_conv_misfit(op, x, w), other_window);
  op = described(16, 4);
  op.dilation = op.padding = {2, 2};
  EXPECT_STREQ(grouped_conv_misfit(op, x, w), other_window);
  EXPECT_STREQ(
      grouped_conv_misfit(described(12, 4), made("x", {1, 12, 4, 4}, at::kFloat), made("w", {12, 4, 3, 3}, at::kFloat)),
      "channels are no multiple of 8");
  EXPECT_STREQ(grouped_conv_misfit(described(16, 2), x, made("w", {16, 2, 3, 3}, at::kFloat)),
               "not 4 or 8 channels a group");
}

TEST(GroupedConvOp, FrozenWeightsGetNoGradient) {
  const at::Tensor x = made("x", {1, 8, 4, 4}, at::kFloat), w = made("w", {8, 4, 3, 3}, at::kFloat);
  w.set_requires_grad(false);
  backward(grouped_conv(x, w));
  EXPECT_TRUE(x.grad().defined());
  EXPECT_FALSE(w.grad().defined());
}

}  // namespace
}  // namespace springbok::engine
