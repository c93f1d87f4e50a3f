// Element types: every rounding as PyTorch does it, and views gathered before they are converted.
#include "springbok/tensors/convert.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <nlohmann/json.hpp>

#include "springbok/base/file.h"
#include "springbok/tensors/diff.h"
#include "tests/tensors/helpers.h"

namespace springbok::tensors {
namespace {

template <class T>
T without_nan(T value) {
  return std::isnan(value) ? T{0} : value;
}

constexpr std::uint32_t kLow[] = {0, 1, 0x0FFF, 0x1000, 0x1001, 0x2000, 0x3000, 0x7FFF, 0x8000, 0x8001, 0xFFFF};

/// The patterns of make_fixtures.py, `conversions`.
std::map<std::string, Tensor> patterns() {
  std::vector<float> floats;
  std::vector<double> doubles;
  std::vector<std::uint16_t> halves, brains;
  for (std::uint32_t high = 0; high < 65536; ++high) {
    for (const std::uint32_t low : kLow) {
      floats.push_back(without_nan(std::bit_cast<float>(high << 16 | low)));
      doubles.push_back(static_cast<double>(floats.back()) * (1 + std::ldexp(1.0, -30)));
    }
    brains.push_back(float_to_bfloat16(without_nan(std::bit_cast<float>(high << 16))));
    const bool nan = (high & 0x7FFF) > 0x7C00;
    halves.push_back(nan ? std::uint16_t{0} : static_cast<std::uint16_t>(high));
  }
  const auto count = static_cast<std::int64_t>(floats.size());
  return {{"float32", tensor_of(DType::f32, {count}, std::move(floats))},
          {"float64", tensor_of(DType::f64, {count}, std::move(doubles))},
          {"float16", tensor_of(DType::f16, {65536}, std::move(halves))},
          {"bfloat16", tensor_of(DType::bf16, {65536}, std::move(brains))}};
}

TEST(Convert, RoundsAsTorchDoes) {
  const auto digests = nlohmann::json::parse(read_text(source_folder() / "fixtures/conversions.json"));
  for (const auto& [name, tensor] : patterns()) {
    for (const DType dtype : {DType::f64, DType::f32, DType::f16, DType::bf16}) {
      const std::string title = name + " to " + name_of(dtype);
      EXPECT_EQ(sha256(convert(tensor, dtype).bytes), digests[title].get<std::string>()) << title;
    }
  }
}

TEST(Convert, NotANumberStaysOne) {
  const float nan = std::nanf("1");
  EXPECT_TRUE(std::isnan(half_to_float(float_to_half(nan))));
  EXPECT_TRUE(std::isnan(half_to_float(float_to_half(-nan))));
  EXPECT_TRUE(std::isnan(bfloat16_to_float(float_to_bfloat16(nan))));
  EXPECT_TRUE(std::isnan(bfloat16_to_float(float_to_bfloat16(std::bit_cast<float>(0x7F800001u)))));
}

TEST(Convert, GathersViewsAndLeavesIntegers) {
  Tensor transposed = counting({2, 3});
  transposed.shape = {3, 2};
  transposed.strides = {1, 3};
  const Tensor count = tensor_of<std::int64_t>(DType::i64, {}, {7});
  const StateDict out = convert(StateDict{{"w", transposed}, {"n", count}}, DType::f16);
  EXPECT_EQ(out[0].second.dtype, DType::f16);
  EXPECT_EQ(out[0].second.strides, (std::vector<std::int64_t>{2, 1}));
  std::vector<double> values(6);
  to_doubles(out[0].second, values);
  EXPECT_EQ(values, (std::vector<double>{0, 3, 1, 4, 2, 5}));
  EXPECT_EQ(out[1].second.dtype, DType::i64);
  EXPECT_EQ(out[1].second.bytes.data(), count.bytes.data());
}

TEST(Diff, NamesWhatDiffers) {
  const float nan = std::nanf("");
  const StateDict a{{"same", counting({2})},
                    {"near", tensor_of<float>(DType::f32, {3}, {1, -4, nan})},
                    {"far", tensor_of<float>(DType::f32, {2}, {1, nan})},
                    {"half", tensor_of<std::uint16_t>(DType::f16, {1}, {0x3C00})},
                    {"shape", counting({2, 3})},
                    {"mine", counting({1})}};
  const StateDict b{{"yours", counting({1})},
                    {"shape", counting({3, 2})},
                    {"half", tensor_of<float>(DType::f32, {1}, {1})},
                    {"far", counting({2})},
                    {"near", tensor_of<float>(DType::f32, {3}, {1.5f, -4, nan})},
                    {"same", counting({2})}};
  const Diff result = diff(a, b);
  EXPECT_EQ(result.only_a, std::vector<std::string>{"mine"});
  EXPECT_EQ(result.only_b, std::vector<std::string>{"yours"});
  EXPECT_EQ(result.shapes, std::vector<std::string>{"shape: 2x3 and 3x2"});
  ASSERT_EQ(result.tensors.size(), 4u);
  EXPECT_EQ(result.tensors[0].different, 0);
  EXPECT_EQ(result.tensors[1].different, 1);
  EXPECT_EQ(result.tensors[1].max_abs, 0.5);
  EXPECT_EQ(result.tensors[1].max_value, 4);
  EXPECT_EQ(result.tensors[2].different, 2);
  EXPECT_TRUE(std::isinf(result.tensors[2].max_abs));
  EXPECT_EQ(result.tensors[3].different, 0);
  EXPECT_FALSE(result.same());
  EXPECT_FALSE(diff({a[3]}, {b[2]}).same());  // equal values of another type
  EXPECT_TRUE(diff(a, a).same());
}

}  // namespace
}  // namespace springbok::tensors
