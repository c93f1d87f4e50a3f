// Norm and ReLU over the first channels of longer rows, for each instruction set.
#include "springbok/engine/kernels/dense_kernels.h"

#include <algorithm>
#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "springbok/engine/kernels/dense_kernels.cpp"
// The order matters.
// clang-format off
#include <hwy/foreach_target.h>  // compiles this file once for each instruction set
#include <hwy/highway.h>
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace springbok::engine {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<float, kNormLanes>;
using V = hn::Vec<D>;
constexpr std::int64_t kBlockRows = 64;  // float sums stay short

HWY_INLINE V affine(D d, const NormForward& norm, V centred, std::int64_t c) {
  return hn::MulAdd(centred, hn::LoadU(d, norm.scale + c), hn::LoadU(d, norm.shift + c));
}

HWY_INLINE V relu(D d, V v) {
  return hn::IfThenZeroElse(hn::Lt(v, hn::Zero(d)), v);
}

void normalise_first(const NormForward& norm, const LongRows& of, const float* x, float* y) {
  const D d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  for (std::int64_t r = 0; r < of.rows; ++r, x += of.stride, y += of.channels) {
    for (std::int64_t c = 0; c < of.channels; c += lanes) {
      const V centred = hn::Sub(hn::LoadU(d, x + c), hn::LoadU(d, norm.mean + c));
      hn::StoreU(relu(d, affine(d, norm, centred, c)), d, y + c);
    }
  }
}

/// Of the rows of one block, whose sums are in float.
template <bool kTotal, bool kBegins, bool kOutput>
HWY_INLINE void gradient_of_block(const NormForward& norm, const LongRows& of, const float* gradient, const float* x,
                                  float* total, float* output, float* HWY_RESTRICT sums, float* HWY_RESTRICT sums_x) {
  const D d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  for (std::int64_t r = 0; r < of.rows; ++r) {
    for (std::int64_t c = 0; c < of.channels; c += lanes) {
      const std::int64_t here = r * of.channels + c, there = r * of.stride + c;
      const V centred = hn::Sub(hn::LoadU(d, x + there), hn::LoadU(d, norm.mean + c));
      const V v = affine(d, norm, centred, c);
      const V g = hn::IfThenElseZero(hn::Gt(v, hn::Zero(d)), hn::LoadU(d, gradient + here));
      hn::StoreU(hn::Add(hn::LoadU(d, sums + c), g), d, sums + c);
      hn::StoreU(hn::MulAdd(g, centred, hn::LoadU(d, sums_x + c)), d, sums_x + c);
      if constexpr (kTotal) {
        const V scaled = hn::Mul(g, hn::LoadU(d, norm.scale + c));
        hn::StoreU(kBegins ? scaled : hn::Add(hn::LoadU(d, total + there), scaled), d, total + there);
      }
      if constexpr (kOutput) hn::StoreU(relu(d, v), d, output + here);
    }
  }
}

template <bool kTotal, bool kBegins, bool kOutput>
void gradient_of_rows(const NormForward& norm, const LongRows& of, const float* gradient, const float* x,
                      const FirstGradient& out) {
  std::vector<float> both(static_cast<std::size_t>(2 * of.channels));
  float *const sums = both.data(), *const sums_x = sums + of.channels;
  for (std::int64_t first = 0; first < of.rows; first += kBlockRows) {
    std::fill(both.begin(), both.end(), 0.0F);
    const std::int64_t here = first * of.channels, there = first * of.stride;
    const LongRows block{std::min(kBlockRows, of.rows - first), of.channels, of.stride};
    gradient_of_block<kTotal, kBegins, kOutput>(norm, block, gradient + here, x + there,
                                                kTotal ? out.total + there : nullptr,
                                                kOutput ? out.output + here : nullptr, sums, sums_x);
    for (std::int64_t c = 0; c < of.channels; ++c) {
      out.of_gradient[c] += sums[c];
      out.of_product[c] += sums_x[c];
    }
  }
}

void first_gradient(const NormForward& norm, const LongRows& of, const float* gradient, const float* x,
                    const FirstGradient& out) {
  const bool output = out.output != nullptr;
  if (out.total == nullptr) {
    return (output ? gradient_of_rows<false, false, true> : gradient_of_rows<false, false, false>)(norm, of, gradient,
                                                                                                   x, out);
  }
  if (out.begins) {
    return (output ? gradient_of_rows<true, true, true> : gradient_of_rows<true, true, false>)(norm, of, gradient, x,
                                                                                               out);
  }
  (output ? gradient_of_rows<true, false, true> : gradient_of_rows<true, false, false>)(norm, of, gradient, x, out);
}

void finish_gradient(const LongRows& of, const float* total, const float* x, const float* mean, const NormLine& line,
                     float* out) {
  const D d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  for (std::int64_t r = 0; r < of.rows; ++r, total += of.stride, x += of.stride, out += of.channels) {
    for (std::int64_t c = 0; c < of.channels; c += lanes) {
      const V centred = hn::Sub(hn::LoadU(d, x + c), hn::LoadU(d, mean + c));
      const V rest = hn::MulAdd(centred, hn::LoadU(d, line.slope + c), hn::LoadU(d, line.offset + c));
      hn::StoreU(hn::Add(hn::LoadU(d, total + c), rest), d, out + c);
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace springbok::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace springbok::engine {

HWY_EXPORT(normalise_first);
HWY_EXPORT(first_gradient);
HWY_EXPORT(finish_gradient);

void normalise_first(const NormForward& norm, const LongRows& of, const float* x, float* y) {
  HWY_DYNAMIC_DISPATCH(normalise_first)(norm, of, x, y);
}

void first_gradient(const NormForward& norm, const LongRows& of, const float* gradient, const float* x,
                    const FirstGradient& out) {
  std::fill_n(out.of_gradient, of.channels, 0.0);
  std::fill_n(out.of_product, of.channels, 0.0);
  HWY_DYNAMIC_DISPATCH(first_gradient)(norm, of, gradient, x, out);
}

void finish_gradient(const LongRows& of, const float* total, const float* x, const float* mean, const NormLine& line,
                     float* out) {
  HWY_DYNAMIC_DISPATCH(finish_gradient)(of, total, x, mean, line, out);
}

}  // namespace springbok::engine
#endif
