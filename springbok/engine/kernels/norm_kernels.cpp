// Batch norm, addition and activation over channels-last float rows, for each instruction set.
#include "springbok/engine/kernels/norm_kernels.h"

#include <algorithm>
#include <type_traits>
#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "springbok/engine/kernels/norm_kernels.cpp"
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
constexpr std::int64_t kBlockValues = 16384;  // 64 KiB: a block stays in the second cache between its passes
constexpr std::int64_t kBlockRows = 64;       // and its float sums stay short

std::int64_t rows_in_block(std::int64_t channels) {
  return std::clamp<std::int64_t>(kBlockValues / channels, 8, kBlockRows);
}

/// Per channel, adds the sum over `rows` of `term(offset, channel)` to `sums`: along the rows, as they lie in memory,
/// four at a time.
template <class Term>
HWY_INLINE void add_rows(std::int64_t rows, std::int64_t channels, float* HWY_RESTRICT sums, const Term& term) {
  const D d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  std::int64_t r = 0;
  for (; r + 4 <= rows; r += 4) {
    const std::int64_t row = r * channels;
    for (std::int64_t c = 0; c < channels; c += lanes) {
      const auto two = hn::Add(term(row + c, c), term(row + channels + c, c));
      const auto more = hn::Add(term(row + 2 * channels + c, c), term(row + 3 * channels + c, c));
      hn::StoreU(hn::Add(hn::LoadU(d, sums + c), hn::Add(two, more)), d, sums + c);
    }
  }
  for (; r < rows; ++r) {
    for (std::int64_t c = 0; c < channels; c += lanes) {
      hn::StoreU(hn::Add(hn::LoadU(d, sums + c), term(r * channels + c, c)), d, sums + c);
    }
  }
}

void moments(const float* x, std::int64_t rows, std::int64_t channels, double* mean, double* squares) {
  const D d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const std::int64_t most = rows_in_block(channels);
  std::vector<float> middle(static_cast<std::size_t>(channels)), spread(static_cast<std::size_t>(channels));
  for (std::int64_t first = 0; first < rows; first += most) {
    const std::int64_t count = std::min(most, rows - first);
    const float* block = x + first * channels;
    std::fill(middle.begin(), middle.end(), 0.0F);
    add_rows(count, channels, middle.data(),
             [&](std::int64_t at, std::int64_t) HWY_ATTR { return hn::LoadU(d, block + at); });
    const auto share = hn::Set(d, 1.0F / static_cast<float>(count));
    for (std::int64_t c = 0; c < channels; c += lanes) {
      hn::StoreU(hn::Mul(hn::LoadU(d, middle.data() + c), share), d, middle.data() + c);
    }
    std::fill(spread.begin(), spread.end(), 0.0F);
    add_rows(count, channels, spread.data(), [&](std::int64_t at, std::int64_t c) HWY_ATTR {
      const auto distance = hn::Sub(hn::LoadU(d, block + at), hn::LoadU(d, middle.data() + c));
      return hn::Mul(distance, distance);
    });
    const double weight = static_cast<double>(count) / static_cast<double>(first + count);
    for (std::int64_t c = 0; c < channels; ++c) {
      const double step = middle[static_cast<std::size_t>(c)] - mean[c];
      mean[c] += step * weight;
      squares[c] += spread[static_cast<std::size_t>(c)] + step * step * weight * static_cast<double>(first);
    }
  }
}

// What stands behind the norm: `value` of the normalised v, and the gradient that `pass`es back to v. Both are ATen's
// formulas in ATen's order, but for the exponential function.

struct Nothing {
  static V value(D, V v) { return v; }
  static V pass(D, V, V g) { return g; }
};

struct Relu {
  static V value(D d, V v) { return hn::IfThenZeroElse(hn::Lt(v, hn::Zero(d)), v); }
  static V pass(D d, V v, V g) { return hn::IfThenElseZero(hn::Gt(v, hn::Zero(d)), g); }
};

struct Relu6 {
  static V value(D d, V v) {
    const V six = hn::Set(d, 6.0F);
    return hn::IfThenElse(hn::Gt(v, six), six, Relu::value(d, v));
  }
  static V pass(D d, V v, V g) {
    return hn::IfThenZeroElse(hn::Or(hn::Le(v, hn::Zero(d)), hn::Ge(v, hn::Set(d, 6.0F))), g);
  }
};

/// 1 / (1 + exp(-v)), 0 where the exponential is no longer finite, anything where v is NaN. exp(-v) = 2^n exp(r) with
/// |r| <= ln 2 / 2, by the polynomial of Cephes' expf; within 2 ulp.
HWY_INLINE V logistic(D d, V v) {
  const hn::RebindToSigned<D> whole;
  const V x = hn::Min(hn::Max(hn::Neg(v), hn::Set(d, -87.0F)), hn::Set(d, 88.0F));
  const V shift = hn::Set(d, 12582912.0F);  // 1.5 2^23: what is added to it becomes whole, in its lowest bits
  const V shifted = hn::MulAdd(x, hn::Set(d, 1.44269504F), shift);
  const V n = hn::Sub(shifted, shift);
  const V high = hn::NegMulAdd(n, hn::Set(d, 0.693359375F), x);
  const V r = hn::NegMulAdd(n, hn::Set(d, -2.12194440e-4F), high);
  V p = hn::MulAdd(hn::Set(d, 1.9875691500e-4F), r, hn::Set(d, 1.3981999507e-3F));
  p = hn::MulAdd(p, r, hn::Set(d, 8.3334519073e-3F));
  p = hn::MulAdd(p, r, hn::Set(d, 4.1665795894e-2F));
  p = hn::MulAdd(p, r, hn::Set(d, 1.6666665459e-1F));
  p = hn::MulAdd(p, r, hn::Set(d, 5.0000001201e-1F));
  const V one = hn::Set(d, 1.0F);
  const V of_r = hn::Add(hn::MulAdd(p, hn::Mul(r, r), r), one);
  constexpr int kMantissa = 23;
  const auto exponent = hn::ShiftLeft<kMantissa>(hn::BitCast(whole, shifted));
  const V exp = hn::BitCast(d, hn::Add(hn::BitCast(whole, of_r), exponent));
  const V s = hn::Div(one, hn::Add(one, exp));
  return hn::IfThenZeroElse(hn::Lt(v, hn::Set(d, -88.0F)), s);
}

struct Sigmoid {
  static V value(D d, V v) { return hn::IfThenElse(hn::IsNaN(v), v, logistic(d, v)); }
  static V pass(D d, V v, V g) {
    const V s = value(d, v);
    return hn::Mul(hn::Mul(g, hn::Sub(hn::Set(d, 1.0F), s)), s);
  }
};

struct Silu {
  static V value(D d, V v) { return hn::Mul(v, logistic(d, v)); }
  static V pass(D d, V v, V g) {
    const V one = hn::Set(d, 1.0F), s = logistic(d, v);
    return hn::Mul(hn::Mul(g, s), hn::MulAdd(v, hn::Sub(one, s), one));
  }
};

/// min(max(v + 3, 0), 6), NaN staying NaN.
HWY_INLINE V raised(D d, V v) {
  return Relu6::value(d, hn::Add(v, hn::Set(d, 3.0F)));
}

struct HardSwish {
  static V value(D d, V v) { return hn::Div(hn::Mul(v, raised(d, v)), hn::Set(d, 6.0F)); }
  static V pass(D d, V v, V g) {
    const V three = hn::Set(d, 3.0F);
    const V between = hn::Mul(g, hn::Add(hn::Div(v, three), hn::Set(d, 0.5F)));
    return hn::IfThenZeroElse(hn::Le(v, hn::Neg(three)), hn::IfThenElse(hn::Ge(v, three), g, between));
  }
};

struct HardSigmoid {
  static V value(D d, V v) { return hn::Div(raised(d, v), hn::Set(d, 6.0F)); }
  static V pass(D d, V v, V g) {
    const V three = hn::Set(d, 3.0F);
    const auto inside = hn::And(hn::Gt(v, hn::Neg(three)), hn::Lt(v, three));
    return hn::IfThenElseZero(inside, hn::Mul(g, hn::Set(d, 1.0F / 6.0F)));
  }
};

/// Calls `use` with an object of the activation's type.
template <class Use>
void with_activation(const std::optional<graph::Act>& act, const Use& use) {
  if (!act) return use(Nothing());
  switch (*act) {
    case graph::Act::relu:
      return use(Relu());
    case graph::Act::relu6:
      return use(Relu6());
    case graph::Act::sigmoid:
      return use(Sigmoid());
    case graph::Act::silu:
      return use(Silu());
    case graph::Act::hardswish:
      return use(HardSwish());
    case graph::Act::hardsigmoid:
      return use(HardSigmoid());
    default:
      break;  // find_fusions joins no other with a norm
  }
}

/// x - mean, and with scale and shift the norm's own value.
HWY_INLINE V centre(D d, const NormForward& norm, const float* x, std::int64_t c) {
  return hn::Sub(hn::LoadU(d, x), hn::LoadU(d, norm.mean + c));
}

HWY_INLINE V affine(D d, const NormForward& norm, V centred, std::int64_t c) {
  return hn::MulAdd(centred, hn::LoadU(d, norm.scale + c), hn::LoadU(d, norm.shift + c));
}

template <class Activation, bool kAdd>
void normalise_rows(const NormForward& norm, const float* x, const float* addend, std::int64_t rows,
                    std::int64_t channels, float* y) {
  const D d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t c = 0; c < channels; c += lanes) {
      const std::int64_t at = r * channels + c;
      V value = affine(d, norm, centre(d, norm, x + at, c), c);
      if constexpr (kAdd) value = hn::Add(value, hn::LoadU(d, addend + at));
      hn::StoreU(Activation::value(d, value), d, y + at);
    }
  }
}

void normalise(const NormForward& norm, const float* x, const float* addend, std::int64_t rows, std::int64_t channels,
               float* y) {
  with_activation(norm.act, [&](auto activation) {
    using A = decltype(activation);
    (addend != nullptr ? normalise_rows<A, true> : normalise_rows<A, false>)(norm, x, addend, rows, channels, y);
  });
}

/// The gradient in front of the activation, given the one behind it. `y` is the output, read and `passed` written by
/// NormGate::by_output only.
template <class Activation, NormGate kGate>
HWY_INLINE V passed_gradient(D d, const NormForward& norm, std::int64_t c, V gradient, V centred, const float* y,
                             float* passed) {
  if constexpr (kGate == NormGate::by_output) {
    const V g = hn::IfThenElseZero(hn::Gt(hn::LoadU(d, y), hn::Zero(d)), gradient);
    hn::StoreU(g, d, passed);
    return g;
  } else if constexpr (std::is_same_v<Activation, Nothing>) {
    return gradient;
  } else {
    return Activation::pass(d, affine(d, norm, centred, c), gradient);
  }
}

template <class Activation, NormGate kGate>
void sum_gradient(const NormForward& norm, const NormBackward& in, std::int64_t rows, std::int64_t channels,
                  const NormSums& out) {
  const D d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const std::int64_t most = rows_in_block(channels);
  std::vector<float> both(static_cast<std::size_t>(2 * channels));
  float *HWY_RESTRICT sums = both.data(), *HWY_RESTRICT sums_x = sums + channels;
  for (std::int64_t first = 0; first < rows; first += most) {
    std::fill(both.begin(), both.end(), 0.0F);
    for (std::int64_t r = first; r < std::min(first + most, rows); ++r) {
      for (std::int64_t c = 0; c < channels; c += lanes) {
        const std::int64_t at = r * channels + c;
        const V centred = centre(d, norm, in.x + at, c);
        const V g = passed_gradient<Activation, kGate>(d, norm, c, hn::LoadU(d, in.gradient + at), centred, in.y + at,
                                                       out.passed + at);
        hn::StoreU(hn::Add(hn::LoadU(d, sums + c), g), d, sums + c);
        hn::StoreU(hn::MulAdd(g, centred, hn::LoadU(d, sums_x + c)), d, sums_x + c);
      }
    }
    for (std::int64_t c = 0; c < channels; ++c) {
      out.of_gradient[c] += sums[c];
      out.of_product[c] += sums_x[c];
    }
  }
}

void gradient_sums(const NormForward& norm, NormGate gate, const NormBackward& in, std::int64_t rows,
                   std::int64_t channels, const NormSums& out) {
  if (gate == NormGate::by_output) return sum_gradient<Relu, NormGate::by_output>(norm, in, rows, channels, out);
  with_activation(norm.act, [&](auto activation) {
    sum_gradient<decltype(activation), NormGate::by_input>(norm, in, rows, channels, out);
  });
}

template <class Activation>
void gradient_of_input(const NormForward& norm, const NormBackward& in, const NormLine& line, std::int64_t rows,
                       std::int64_t channels, float* out) {
  const D d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t c = 0; c < channels; c += lanes) {
      const std::int64_t at = r * channels + c;
      const V centred = centre(d, norm, in.x + at, c);
      const V g = passed_gradient<Activation, NormGate::by_input>(d, norm, c, hn::LoadU(d, in.gradient + at), centred,
                                                                  nullptr, nullptr);
      const V rest = hn::MulAdd(centred, hn::LoadU(d, line.slope + c), hn::LoadU(d, line.offset + c));
      hn::StoreU(hn::MulAdd(g, hn::LoadU(d, norm.scale + c), rest), d, out + at);
    }
  }
}

void input_gradient(const NormForward& norm, NormGate gate, const NormBackward& in, const NormLine& line,
                    std::int64_t rows, std::int64_t channels, float* out) {
  if (gate == NormGate::by_output) return gradient_of_input<Nothing>(norm, in, line, rows, channels, out);
  with_activation(
      norm.act, [&](auto activation) { gradient_of_input<decltype(activation)>(norm, in, line, rows, channels, out); });
}

}  // namespace HWY_NAMESPACE
}  // namespace springbok::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace springbok::engine {

HWY_EXPORT(moments);
HWY_EXPORT(normalise);
HWY_EXPORT(gradient_sums);
HWY_EXPORT(input_gradient);

void moments(const float* x, std::int64_t rows, std::int64_t channels, double* mean, double* squares) {
  std::fill_n(mean, channels, 0.0);
  std::fill_n(squares, channels, 0.0);
  HWY_DYNAMIC_DISPATCH(moments)(x, rows, channels, mean, squares);
}

void normalise(const NormForward& norm, const float* x, const float* addend, std::int64_t rows, std::int64_t channels,
               float* y) {
  HWY_DYNAMIC_DISPATCH(normalise)(norm, x, addend, rows, channels, y);
}

void gradient_sums(const NormForward& norm, NormGate gate, const NormBackward& in, std::int64_t rows,
                   std::int64_t channels, const NormSums& out) {
  std::fill_n(out.of_gradient, channels, 0.0);
  std::fill_n(out.of_product, channels, 0.0);
  HWY_DYNAMIC_DISPATCH(gradient_sums)(norm, gate, in, rows, channels, out);
}

void input_gradient(const NormForward& norm, NormGate gate, const NormBackward& in, const NormLine& line,
                    std::int64_t rows, std::int64_t channels, float* out) {
  HWY_DYNAMIC_DISPATCH(input_gradient)(norm, gate, in, line, rows, channels, out);
}

}  // namespace springbok::engine
#endif
