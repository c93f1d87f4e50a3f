// Convolutions with our own gradient of the weights against ATen in float64.
#include "springbok/engine/kernels/conv_weights.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/engine/kernel_support.h"

namespace springbok::engine {
namespace {

using graph::Pair;

struct Case {
  Pair kernel, stride, padding;
  std::int64_t images, in, out, height, width;
  Pair dilation = {1, 1};
};

graph::Conv2d described(const Case& c) {
  graph::Conv2d op;
  op.in = c.in;
  op.out = c.out;
  op.kernel = c.kernel;
  op.stride = c.stride;
  op.padding = c.padding;
  op.dilation = c.dilation;
  return op;
}

/// One op's inputs, output and gradients.
struct Side {
  at::Tensor x, w, y;

  Side(const Case& c, at::ScalarType dtype)
      : x(made("x", {c.images, c.in, c.height, c.width}, dtype)),
        w(made("w", {c.out, c.in, c.kernel[0], c.kernel[1]}, dtype)) {}
  Side& ours(const Case& c) {
    y = conv_with_weights(x, w, c.stride, c.padding, c.dilation);
    backward(y);
    return *this;
  }
  Side& atens(const Case& c) {
    y = at::conv2d(x, w, {}, c.stride, c.padding, c.dilation);
    backward(y);
    return *this;
  }
};

class ConvWeights : public testing::TestWithParam<Case> {};

TEST_P(ConvWeights, EqualsAtenInDouble) {
  const Case& c = GetParam();
  Side one(c, at::kFloat), ref(c, at::kDouble);
  const char* const misfit = conv_weights_misfit(described(c), one.x, one.w);
  ASSERT_TRUE(misfit == nullptr || std::string(misfit) == "few products") << misfit;
  one.ours(c);
  ref.atens(c);
  constexpr double kMost = 1e-6;
  EXPECT_LT(error(one.y, ref.y), kMost);
  EXPECT_LT(error(one.x.grad(), ref.x.grad()), kMost);
  EXPECT_LT(error(one.w.grad(), ref.w.grad()), kMost);
  EXPECT_EQ(one.w.grad().strides(), one.w.strides());
}

// Fewer channels than a tile has, tiles that are not full, less than a vector's rest. Small maps of which a block holds
// several images, lines that fill a block alone. Strides that leap over pixels, other paddings than the usual, and all
// of that not square.
INSTANTIATE_TEST_SUITE_P(
    Sizes, ConvWeights,
    testing::Values(Case{{1, 1}, {1, 1}, {0, 0}, 2, 16, 6, 9, 9}, Case{{1, 1}, {1, 1}, {0, 0}, 9, 24, 40, 7, 7},
                    Case{{1, 1}, {2, 2}, {0, 0}, 3, 32, 20, 13, 14}, Case{{1, 1}, {2, 2}, {1, 1}, 2, 8, 5, 6, 5},
                    Case{{3, 3}, {1, 1}, {1, 1}, 2, 64, 64, 14, 14}, Case{{3, 3}, {1, 1}, {1, 1}, 20, 40, 17, 4, 5},
                    Case{{3, 3}, {2, 2}, {1, 1}, 3, 16, 30, 28, 27}, Case{{3, 3}, {1, 1}, {0, 0}, 1, 8, 1, 3, 3},
                    Case{{3, 3}, {1, 1}, {1, 1}, 1, 8, 12, 3, 700}, Case{{5, 5}, {1, 1}, {2, 2}, 2, 16, 8, 12, 11},
                    Case{{7, 7}, {2, 2}, {3, 3}, 2, 8, 16, 33, 32}, Case{{1, 3}, {1, 2}, {0, 1}, 2, 16, 24, 8, 15},
                    Case{{3, 1}, {2, 1}, {1, 0}, 4, 48, 9, 10, 6}, Case{{3, 3}, {3, 4}, {1, 2}, 2, 16, 18, 17, 19},
                    Case{{3, 3}, {1, 1}, {1, 1}, 1, 512, 512, 3, 3}));

// Taps that meet all of the image, part of it, or nothing, in one direction or both. The output is larger than the
// image, or smaller. Several images are in a part, and several parts in an image.
INSTANTIATE_TEST_SUITE_P(Dilated, ConvWeights,
                         testing::Values(Case{{3, 3}, {1, 1}, {2, 2}, 2, 64, 64, 14, 14, {2, 2}},
                                         Case{{3, 3}, {1, 1}, {6, 6}, 3, 40, 20, 9, 11, {6, 6}},
                                         Case{{3, 3}, {1, 1}, {12, 12}, 1, 16, 13, 9, 11, {12, 12}},
                                         Case{{3, 3}, {1, 1}, {3, 14}, 5, 24, 21, 7, 6, {3, 14}},
                                         Case{{3, 3}, {1, 1}, {5, 7}, 2, 8, 6, 6, 5, {2, 3}},
                                         Case{{3, 3}, {1, 1}, {0, 1}, 2, 48, 7, 12, 13, {2, 4}},
                                         Case{{5, 3}, {1, 1}, {4, 2}, 7, 16, 8, 10, 5, {2, 1}},
                                         Case{{1, 3}, {1, 1}, {0, 9}, 2, 320, 136, 4, 9, {1, 9}}));

TEST(ConvWeightsOp, ThreadsChangeNothing) {
  const int before = at::get_num_threads();
  for (const Case& wide :
       {Case{{3, 3}, {1, 1}, {1, 1}, 3, 320, 136, 9, 10}, Case{{3, 3}, {1, 1}, {6, 6}, 3, 320, 136, 9, 10, {6, 6}}}) {
    at::set_num_threads(1);
    const Side one = Side(wide, at::kFloat).ours(wide);
    at::set_num_threads(7);
    const Side seven = Side(wide, at::kFloat).ours(wide);
    EXPECT_TRUE(at::equal(one.w.grad(), seven.w.grad()));
  }
  at::set_num_threads(before);
}

TEST(ConvWeightsOp, GivesOnlyWhatIsWanted) {
  const Case c{{3, 3}, {1, 1}, {1, 1}, 2, 16, 12, 8, 8};
  Side images(c, at::kFloat), frozen(c, at::kFloat);
  images.x.set_requires_grad(false);
  images.ours(c);
  EXPECT_FALSE(images.x.grad().defined());
  EXPECT_TRUE(images.w.grad().defined());
  frozen.w.set_requires_grad(false);
  frozen.ours(c);
  EXPECT_TRUE(frozen.x.grad().defined());
  EXPECT_FALSE(frozen.w.grad().defined());
}

TEST(ConvWeightsOp, LeavesOthersToAten) {
  const Case fits{{3, 3}, {1, 1}, {1, 1}, 1, 64, 64, 32, 32};
  const at::Tensor x = made("x", {1, 64, 32, 32}, at::kFloat), w = made("w", {64, 64, 3, 3}, at::kFloat);
  graph::Conv2d op = described(fits);
  EXPECT_EQ(conv_weights_misfit(op, x, w), nullptr);
  EXPECT_STREQ(conv_weights_misfit(op, x.to(at::kDouble), w), "float64");
  EXPECT_STREQ(conv_weights_misfit(op, x.to(at::kBFloat16), w), "not float32");
  EXPECT_STREQ(conv_weights_misfit(op, x.contiguous(), w), "not channels last");
  EXPECT_STREQ(conv_weights_misfit(op, x, w.contiguous()), "its weight is not channels last");
  EXPECT_STREQ(conv_weights_misfit(op, made("x", {1, 64, 30, 30}, at::kFloat), w), "few products");
  op.bias = 0;
  EXPECT_STREQ(conv_weights_misfit(op, x, w), "with a bias");
  op = described(fits);
  op.dilation = op.padding = {2, 2};
  EXPECT_EQ(conv_weights_misfit(op, x, w), nullptr);
  EXPECT_STREQ(conv_weights_misfit(op, made("x", {1, 64, 91, 91}, at::kFloat), w), "dilated, over large maps");
  op.stride = {2, 1};
  EXPECT_STREQ(conv_weights_misfit(op, x, w), "dilated, with a stride");
  op = described(fits);
  op.groups = 2;
  EXPECT_STREQ(conv_weights_misfit(op, x, w), "several groups");
  const Case stem{{3, 3}, {1, 1}, {1, 1}, 1, 3, 64, 512, 512};
  EXPECT_STREQ(conv_weights_misfit(described(stem), made("x", {1, 3, 512, 512}, at::kFloat),
                                   made("w", {64, 3, 3, 3}, at::kFloat)),
               "channels are no multiple of 8");
}

}  // namespace
}  // namespace springbok::engine
