// Upsampling, cutting and adding as one op against ATen's ops in float64, and inside the executor.
#include "springbok/engine/kernels/upsample_add.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "springbok/engine/executor.h"
#include "springbok/graph/build.h"
#include "tests/engine/kernel_support.h"

namespace springbok::engine {
namespace {

constexpr double kMost = 1e-6;

class UpsampleAdd : public testing::TestWithParam<std::pair<std::int64_t, std::int64_t>> {};

TEST_P(UpsampleAdd, EqualsAtenInDouble) {
  const auto [height, width] = GetParam();
  const std::vector<std::int64_t> large{2, 16, height, width}, small{2, 16, (height + 1) / 2, (width + 1) / 2};
  const at::Tensor low = made("low", small, at::kFloat), high = made("high", large, at::kFloat);
  ASSERT_EQ(upsample_add_misfit(low, high), nullptr);
  const at::Tensor y = upsample_add(low, high);
  backward(y);

  const at::Tensor ref_low = made("low", small, at::kDouble), ref_high = made("high", large, at::kDouble);
  const at::Tensor up = at::upsample_bilinear2d(ref_low, {2 * small[2], 2 * small[3]}, false);
  const at::Tensor ref = at::add(up.narrow(2, 0, height).narrow(3, 0, width), ref_high);
  backward(ref);
  EXPECT_LT(error(y, ref), kMost);
  EXPECT_LT(error(low.grad(), ref_low.grad()), kMost);
  EXPECT_LT(error(high.grad(), ref_high.grad()), kMost);
}

INSTANTIATE_TEST_SUITE_P(Sizes, UpsampleAdd,
                         testing::Values(std::pair{8, 8}, std::pair{7, 5}, std::pair{1, 1}, std::pair{2, 1},
                                         std::pair{1, 4}, std::pair{3, 12}));

/// What is rounded is the result.
TEST(UpsampleAddOp, TakesBfloat16) {
  const std::vector<std::int64_t> large{2, 16, 7, 5}, small{2, 16, 4, 3};
  const at::Tensor low = made_lower("low", small, at::kBFloat16), high = made_lower("high", large, at::kBFloat16);
  ASSERT_EQ(upsample_add_misfit(low, high), nullptr);
  EXPECT_STREQ(upsample_add_misfit(low, high.to(at::kFloat)), "of two types");
  const at::Tensor y = upsample_add(low, high);
  EXPECT_EQ(y.scalar_type(), at::kBFloat16);
  backward(y);
  const at::Tensor ref_low = made_lower("low", small, at::kDouble), ref_high = made_lower("high", large, at::kDouble);
  const at::Tensor up = at::upsample_bilinear2d(ref_low, {8, 6}, false);
  const at::Tensor ref = at::add(up.narrow(2, 0, 7).narrow(3, 0, 5), ref_high);
  backward(ref);
  EXPECT_LT(error(y, ref), kLowerRounding);
  EXPECT_LT(error(low.grad(), ref_low.grad()), kLowerRounding);
  EXPECT_LT(error(high.grad(), ref_high.grad()), kLowerRounding);
}

TEST(UpsampleAddOp, ExecutorFusesWithoutChangingTheResult) {
  using namespace graph;
  Graph graph;
  const Scope root{&graph, ""};
  const Value x = input(graph, 3);
  const Value low = conv(root / "low", avg_pool(pad_even(x), {}), {.out = 8});
  const Value high = conv(root / "high", x, {.out = 8});
  const Value sum = add(high, crop_like(upsample(low, 2), high));
  graph::output(relu(sum));
  ASSERT_TRUE(find_fusions(graph).at_add[sum.id]);
  const Executor executor(graph);
  for (const bool train : {true, false}) {
    std::vector<at::Tensor> values;
    for (const at::ScalarType dtype : {at::kFloat, at::kDouble}) {  // double runs op by op
      State state = golden::filled_state(graph, dtype);
      const at::Tensor y = executor.forward(state, made("__input__", {2, 3, 9, 7}, dtype), {.train = train});
      backward(y);
      values.push_back(y);
      for (const at::Tensor& tensor : state.tensors) values.push_back(tensor.grad());
    }
    const std::size_t half = values.size() / 2;
    for (std::size_t i = 0; i < half; ++i) EXPECT_LT(error(values[i], values[half + i]), 5e-6) << "value " << i;
  }
}

}  // namespace
}  // namespace springbok::engine
