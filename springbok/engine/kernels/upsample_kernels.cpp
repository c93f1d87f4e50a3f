// Doubling an image bilinearly and adding it, for each instruction set. At twice the size every output lies a quarter
// beside its nearest input. It is 3/4 of that and 1/4 of the neighbour on its side, which is itself at the border.
#include "springbok/engine/kernels/upsample_kernels.h"

#include <algorithm>
#include <array>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "springbok/engine/kernels/upsample_kernels.cpp"
#include <hwy/foreach_target.h>  // compiles this file once for each instruction set
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace springbok::engine {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<float, 8>;
constexpr float kNear = 0.75F, kFar = 0.25F;

/// The input beside the nearest one of output `at`.
std::int64_t neighbour(std::int64_t at, std::int64_t size) {
  return std::clamp<std::int64_t>(at / 2 + (at % 2 == 0 ? -1 : 1), 0, size - 1);
}

void add_upsampled_row(const float* low, const Extent& from, std::int64_t row, const float* high, std::int64_t width,
                       float* scratch, float* y) {
  const D d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const auto near = hn::Set(d, kNear), far = hn::Set(d, kFar);
  const std::int64_t values = from.width * from.channels;
  const float* const a = low + row / 2 * values;
  const float* const b = low + neighbour(row, from.height) * values;
  for (std::int64_t i = 0; i < values; i += lanes) {
    hn::StoreU(hn::MulAdd(hn::LoadU(d, a + i), near, hn::Mul(hn::LoadU(d, b + i), far)), d, scratch + i);
  }
  for (std::int64_t x = 0; x < width; ++x) {
    const float* const left = scratch + x / 2 * from.channels;
    const float* const right = scratch + neighbour(x, from.width) * from.channels;
    for (std::int64_t c = 0; c < from.channels; c += lanes) {
      const std::int64_t at = x * from.channels + c;
      const auto up = hn::MulAdd(hn::LoadU(d, left + c), near, hn::Mul(hn::LoadU(d, right + c), far));
      hn::StoreU(hn::Add(hn::LoadU(d, high + at), up), d, y + at);
    }
  }
}

/// The outputs that read input `at`, of `size` outputs from `inputs`, and their weights; unused ones weigh 0.
struct Readers {
  std::array<std::int64_t, 4> output;
  std::array<float, 4> weight;
};

Readers readers(std::int64_t at, std::int64_t inputs, std::int64_t size) {
  Readers r{};
  for (std::size_t k = 0; k < 4; ++k) {
    const std::int64_t output = 2 * at - 1 + static_cast<std::int64_t>(k);
    if (output < 0 || output >= size) continue;
    r.output[k] = output;
    r.weight[k] = (output / 2 == at ? kNear : 0) + (neighbour(output, inputs) == at ? kFar : 0);
  }
  return r;
}

/// out = the weighted sum of four runs of `values` values, `stride` apart in units of `from`.
void gather(const float* from, std::int64_t stride, const Readers& r, std::int64_t values, float* out) {
  const D d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const auto w0 = hn::Set(d, r.weight[0]), w1 = hn::Set(d, r.weight[1]);
  const auto w2 = hn::Set(d, r.weight[2]), w3 = hn::Set(d, r.weight[3]);
  const float *const p0 = from + r.output[0] * stride, *const p1 = from + r.output[1] * stride;
  const float *const p2 = from + r.output[2] * stride, *const p3 = from + r.output[3] * stride;
  for (std::int64_t i = 0; i < values; i += lanes) {
    const auto outer = hn::MulAdd(hn::LoadU(d, p0 + i), w0, hn::Mul(hn::LoadU(d, p3 + i), w3));
    const auto inner = hn::MulAdd(hn::LoadU(d, p1 + i), w1, hn::Mul(hn::LoadU(d, p2 + i), w2));
    hn::StoreU(hn::Add(outer, inner), d, out + i);
  }
}

void upsampled_gradient_row(const float* gradient, const Extent& extent, std::int64_t row, const Extent& low,
                            float* scratch, float* out) {
  const std::int64_t values = extent.width * extent.channels;
  gather(gradient, values, readers(row, low.height, extent.height), values, scratch);
  for (std::int64_t x = 0; x < low.width; ++x) {
    gather(scratch, low.channels, readers(x, low.width, extent.width), low.channels, out + x * low.channels);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace springbok::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace springbok::engine {

HWY_EXPORT(add_upsampled_row);
HWY_EXPORT(upsampled_gradient_row);

void add_upsampled_row(const float* low, const Extent& low_extent, std::int64_t row, const float* high,
                       std::int64_t width, float* scratch, float* y) {
  HWY_DYNAMIC_DISPATCH(add_upsampled_row)(low, low_extent, row, high, width, scratch, y);
}

void upsampled_gradient_row(const float* gradient, const Extent& extent, std::int64_t row, const Extent& low_extent,
                            float* scratch, float* out) {
  HWY_DYNAMIC_DISPATCH(upsampled_gradient_row)(gradient, extent, row, low_extent, scratch, out);
}

}  // namespace springbok::engine
#endif
