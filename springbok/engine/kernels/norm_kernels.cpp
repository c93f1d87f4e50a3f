// Batch norm, addition and ReLU over channels-last float rows, for each instruction set.
#include "springbok/engine/kernels/norm_kernels.h"

#include <algorithm>
#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "springbok/engine/kernels/norm_kernels.cpp"
#include <hwy/foreach_target.h>  // compiles this file once for each instruction set
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace springbok::engine {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<float, kNormLanes>;
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

template <bool kRelu, bool kAdd>
void normalise_rows(const NormForward& norm, const float* x, const float* addend, std::int64_t rows,
                    std::int64_t channels, float* y) {
  const D d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const auto zero = hn::Zero(d);
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t c = 0; c < channels; c += lanes) {
      const std::int64_t at = r * channels + c;
      const auto centred = hn::Sub(hn::LoadU(d, x + at), hn::LoadU(d, norm.mean + c));
      auto value = hn::MulAdd(centred, hn::LoadU(d, norm.scale + c), hn::LoadU(d, norm.shift + c));
      if constexpr (kAdd) value = hn::Add(value, hn::LoadU(d, addend + at));
      if constexpr (kRelu) value = hn::IfThenZeroElse(hn::Lt(value, zero), value);
      hn::StoreU(value, d, y + at);
    }
  }
}

void normalise(const NormForward& norm, const float* x, const float* addend, std::int64_t rows, std::int64_t channels,
               float* y) {
  if (norm.relu) {
    (addend != nullptr ? normalise_rows<true, true> : normalise_rows<true, false>)(norm, x, addend, rows, channels, y);
  } else {
    (addend != nullptr ? normalise_rows<false, true> : normalise_rows<false, false>)(norm, x, addend, rows, channels,
                                                                                     y);
  }
}

/// The gradient behind the gate. `centred` is x - mean.
template <ReluGate kGate, class V>
HWY_INLINE V pass(D d, const NormForward& norm, std::int64_t c, V gradient, V centred, const float* y) {
  if constexpr (kGate == ReluGate::by_input) {
    const V value = hn::MulAdd(centred, hn::LoadU(d, norm.scale + c), hn::LoadU(d, norm.shift + c));
    return hn::IfThenElseZero(hn::Gt(value, hn::Zero(d)), gradient);
  } else if constexpr (kGate == ReluGate::by_output) {
    return hn::IfThenElseZero(hn::Gt(hn::LoadU(d, y), hn::Zero(d)), gradient);
  } else {
    return gradient;
  }
}

template <ReluGate kGate>
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
        const auto centred = hn::Sub(hn::LoadU(d, in.x + at), hn::LoadU(d, norm.mean + c));
        const auto g = pass<kGate>(d, norm, c, hn::LoadU(d, in.gradient + at), centred, in.y + at);
        if constexpr (kGate == ReluGate::by_output) hn::StoreU(g, d, out.passed + at);
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

void gradient_sums(const NormForward& norm, ReluGate gate, const NormBackward& in, std::int64_t rows,
                   std::int64_t channels, const NormSums& out) {
  switch (gate) {
    case ReluGate::open:
      return sum_gradient<ReluGate::open>(norm, in, rows, channels, out);
    case ReluGate::by_input:
      return sum_gradient<ReluGate::by_input>(norm, in, rows, channels, out);
    case ReluGate::by_output:
      return sum_gradient<ReluGate::by_output>(norm, in, rows, channels, out);
  }
}

template <ReluGate kGate>
void gradient_of_input(const NormForward& norm, const NormBackward& in, const NormLine& line, std::int64_t rows,
                       std::int64_t channels, float* out) {
  const D d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t c = 0; c < channels; c += lanes) {
      const std::int64_t at = r * channels + c;
      const auto centred = hn::Sub(hn::LoadU(d, in.x + at), hn::LoadU(d, norm.mean + c));
      const auto g = pass<kGate>(d, norm, c, hn::LoadU(d, in.gradient + at), centred, nullptr);
      const auto rest = hn::MulAdd(centred, hn::LoadU(d, line.slope + c), hn::LoadU(d, line.offset + c));
      hn::StoreU(hn::MulAdd(g, hn::LoadU(d, norm.scale + c), rest), d, out + at);
    }
  }
}

void input_gradient(const NormForward& norm, ReluGate gate, const NormBackward& in, const NormLine& line,
                    std::int64_t rows, std::int64_t channels, float* out) {
  if (gate == ReluGate::by_input) {
    gradient_of_input<ReluGate::by_input>(norm, in, line, rows, channels, out);
  } else {
    gradient_of_input<ReluGate::open>(norm, in, line, rows, channels, out);
  }
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

void gradient_sums(const NormForward& norm, ReluGate gate, const NormBackward& in, std::int64_t rows,
                   std::int64_t channels, const NormSums& out) {
  std::fill_n(out.of_gradient, channels, 0.0);
  std::fill_n(out.of_product, channels, 0.0);
  HWY_DYNAMIC_DISPATCH(gradient_sums)(norm, gate, in, rows, channels, out);
}

void input_gradient(const NormForward& norm, ReluGate gate, const NormBackward& in, const NormLine& line,
                    std::int64_t rows, std::int64_t channels, float* out) {
  HWY_DYNAMIC_DISPATCH(input_gradient)(norm, gate, in, line, rows, channels, out);
}

}  // namespace springbok::engine
#endif
