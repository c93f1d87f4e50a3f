// The gradients of a product with one factor a channel, for each instruction set.
#include "springbok/engine/kernels/gate_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "springbok/engine/kernels/gate_kernels.cpp"
#include <hwy/foreach_target.h>  // compiles this file once for each instruction set
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace springbok::engine {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<float, kGateLanes>;

/// `kRows` rows at once, so that sums are read and written once for all of them.
template <int kRows>
HWY_INLINE void add_rows(const float* HWY_RESTRICT gradient, const float* HWY_RESTRICT x,
                         const float* HWY_RESTRICT factor, std::int64_t channels, float* HWY_RESTRICT of_x,
                         float* HWY_RESTRICT sums) {
  const D d;
  for (std::int64_t c = 0; c < channels; c += static_cast<std::int64_t>(hn::Lanes(d))) {
    const auto scale = hn::LoadU(d, factor + c);
    auto sum = hn::LoadU(d, sums + c);
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) {
      const std::int64_t at = r * channels + c;
      const auto g = hn::LoadU(d, gradient + at);
      hn::StoreU(hn::Mul(g, scale), d, of_x + at);
      sum = hn::MulAdd(g, hn::LoadU(d, x + at), sum);
    }
    hn::StoreU(sum, d, sums + c);
  }
}

void gate_gradients(const float* gradient, const float* x, const float* factor, std::int64_t rows,
                    std::int64_t channels, float* of_x, float* sums) {
  constexpr int kAtOnce = 4;
  std::int64_t row = 0;
  for (; row + kAtOnce <= rows; row += kAtOnce) {
    const std::int64_t at = row * channels;
    add_rows<kAtOnce>(gradient + at, x + at, factor, channels, of_x + at, sums);
  }
  for (; row < rows; ++row) {
    const std::int64_t at = row * channels;
    add_rows<1>(gradient + at, x + at, factor, channels, of_x + at, sums);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace springbok::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace springbok::engine {

HWY_EXPORT(gate_gradients);

void gate_gradients(const float* gradient, const float* x, const float* factor, std::int64_t rows,
                    std::int64_t channels, float* of_x, float* sums) {
  HWY_DYNAMIC_DISPATCH(gate_gradients)(gradient, x, factor, rows, channels, of_x, sums);
}

}  // namespace springbok::engine
#endif
