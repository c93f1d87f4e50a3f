// Grouped 3 x 3 convolutions of few channels a group, for each instruction set. A vector holds neighbouring output
// channels. Each input channel of their groups is spread over it and feeds three taps, so that the multiply-adds, not
// the loads, set the pace. A library that fills its vectors from one group alone leaves most of them empty here.
#include "springbok/engine/kernels/grouped_conv_kernels.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "springbok/engine/kernels/grouped_conv_kernels.cpp"
// Accumulators are arrays of vectors, which vectors of unknown size do not allow.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#include <hwy/foreach_target.h>  // compiles this file once for each instruction set
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace springbok::engine {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<float, kConvBlock>;
using V = hn::Vec<D>;
constexpr int kTaps = static_cast<int>(kConvTaps);
constexpr int kBlock = static_cast<int>(kConvBlock);
constexpr int kTile = 7;      ///< pixels of a row at once: divides every width of a 224 pixel net
constexpr int kTogether = 4;  ///< input channels at once when weights' gradients are summed

/// Input channel `I` of each lane's group, from the pixel's block of channels.
template <int kGroup, int I>
HWY_INLINE V spread(D d, const float* block, int lane) {
  if constexpr (kGroup == 8) {
    return hn::Set(d, block[I]);
  } else if constexpr (hn::MaxLanes(D()) < kGroup) {
    return hn::Set(d, block[lane / kGroup * kGroup + I]);
  } else {
    return hn::Broadcast<I>(hn::LoadU(d, block + lane));  // within each 4 lanes
  }
}

/// Where a tile lies in its row, and the channels from one pixel to the next.
struct Tile {
  bool first, last;
  std::int64_t step;
};

/// Adds to `sum` one input channel of one row of taps.
template <int kGroup, int kPixels, int I>
HWY_INLINE void add_input(D d, const float* in, int lane, const Tile& tile, const float* packed, V* sum) {
  const float* const taps = packed + I * kTaps * kBlock + lane;
  const V left = hn::LoadU(d, taps), middle = hn::LoadU(d, taps + kBlock), right = hn::LoadU(d, taps + 2 * kBlock);
  if (!tile.first) sum[0] = hn::MulAdd(spread<kGroup, I>(d, in - tile.step, lane), left, sum[0]);
#pragma GCC unroll 7
  for (int p = 0; p < kPixels; ++p) {
    const V x = spread<kGroup, I>(d, in + p * tile.step, lane);
    if (p + 1 < kPixels) sum[p + 1] = hn::MulAdd(x, left, sum[p + 1]);
    sum[p] = hn::MulAdd(x, middle, sum[p]);
    if (p > 0) sum[p - 1] = hn::MulAdd(x, right, sum[p - 1]);
  }
  if (!tile.last) {
    const V x = spread<kGroup, I>(d, in + kPixels * tile.step, lane);
    sum[kPixels - 1] = hn::MulAdd(x, right, sum[kPixels - 1]);
  }
}

/// `kPixels` neighbouring outputs of one block of channels. `in` is the same place of the row above.
template <int kGroup, int kPixels>
HWY_NOINLINE void convolve_tile(const float* in, std::int64_t line, int first_tap, int end_tap, const Tile& tile,
                                const float* packed, float* out) {
  const D d;
  for (int lane = 0; lane < kBlock; lane += static_cast<int>(hn::Lanes(d))) {
    V sum[kPixels];
#pragma GCC unroll 7
    for (int p = 0; p < kPixels; ++p) sum[p] = hn::Zero(d);
    for (int tap = first_tap; tap < end_tap; ++tap) {
      const float* const x = in + tap * line;
      const float* const w = packed + tap * kGroup * kTaps * kBlock;
      add_input<kGroup, kPixels, 0>(d, x, lane, tile, w, sum);
      add_input<kGroup, kPixels, 1>(d, x, lane, tile, w, sum);
      add_input<kGroup, kPixels, 2>(d, x, lane, tile, w, sum);
      add_input<kGroup, kPixels, 3>(d, x, lane, tile, w, sum);
      if constexpr (kGroup == 8) {
        add_input<kGroup, kPixels, 4>(d, x, lane, tile, w, sum);
        add_input<kGroup, kPixels, 5>(d, x, lane, tile, w, sum);
        add_input<kGroup, kPixels, 6>(d, x, lane, tile, w, sum);
        add_input<kGroup, kPixels, 7>(d, x, lane, tile, w, sum);
      }
    }
#pragma GCC unroll 7
    for (int p = 0; p < kPixels; ++p) hn::StoreU(sum[p], d, out + p * tile.step + lane);
  }
}

/// The rows of taps that lie inside an image of `height` rows, around `row`.
int first_tap(std::int64_t row) {
  return row == 0 ? 1 : 0;
}

int end_tap(std::int64_t row, std::int64_t height) {
  return row + 1 == height ? kTaps - 1 : kTaps;
}

template <int kGroup>
void convolve_row(const float* image, const Extent& extent, std::int64_t row, const float* packed, float* out) {
  using Convolve = void (*)(const float*, std::int64_t, int, int, const Tile&, const float*, float*);
  constexpr Convolve kConvolve[] = {convolve_tile<kGroup, 1>, convolve_tile<kGroup, 2>, convolve_tile<kGroup, 3>,
                                    convolve_tile<kGroup, 4>, convolve_tile<kGroup, 5>, convolve_tile<kGroup, 6>,
                                    convolve_tile<kGroup, 7>};
  static_assert(std::size(kConvolve) == kTile);
  const std::int64_t line = extent.width * extent.channels;
  const int first = first_tap(row), end = end_tap(row, extent.height);
  for (std::int64_t c = 0; c < extent.channels; c += kBlock) {
    const float* const weights = packed + c * kGroup * kTaps * kTaps;
    for (std::int64_t x = 0; x < extent.width; x += kTile) {
      const std::int64_t pixels = std::min<std::int64_t>(kTile, extent.width - x), at = x * extent.channels + c;
      const Tile tile{x == 0, x + pixels == extent.width, extent.channels};
      kConvolve[pixels - 1](image + (row - 1) * line + at, line, first, end, tile, weights, out + at);
    }
  }
}

void grouped_conv_row(const float* image, const Extent& extent, std::int64_t row, std::int64_t group,
                      const float* packed, float* out) {
  if (group == 4) {
    convolve_row<4>(image, extent, row, packed, out);
  } else {
    convolve_row<8>(image, extent, row, packed, out);
  }
}

/// Adds to `sum` what one pixel's input channel `I` gives to its three taps.
template <int kGroup, int I>
HWY_INLINE void add_taps(D d, const float* in, int lane, V before, V at, V after, V* sum) {
  const V x = spread<kGroup, I>(d, in, lane);
  sum[0] = hn::MulAdd(x, after, sum[0]);
  sum[1] = hn::MulAdd(x, at, sum[1]);
  sum[2] = hn::MulAdd(x, before, sum[2]);
}

/// Adds to `packed` what a row of inputs and a row of output gradients give, for one block of channels and
/// `kTogether` input channels from `kFirst`.
template <int kGroup, int kFirst>
HWY_INLINE void add_weights(const float* in, const float* gradient, std::int64_t width, std::int64_t step, int lane,
                            float* packed) {
  const D d;
  float* const to = packed + kFirst * kTaps * kBlock + lane;
  V sum[kTogether * kTaps];
#pragma GCC unroll 12
  for (int k = 0; k < kTogether * kTaps; ++k) sum[k] = hn::LoadU(d, to + k * kBlock);
  V before = hn::Zero(d), at = hn::LoadU(d, gradient + lane);
  for (std::int64_t p = 0; p < width; ++p) {
    const V after = p + 1 < width ? hn::LoadU(d, gradient + (p + 1) * step + lane) : hn::Zero(d);
    const float* const x = in + p * step;
    add_taps<kGroup, kFirst>(d, x, lane, before, at, after, sum);
    add_taps<kGroup, kFirst + 1>(d, x, lane, before, at, after, sum + kTaps);
    add_taps<kGroup, kFirst + 2>(d, x, lane, before, at, after, sum + 2 * kTaps);
    add_taps<kGroup, kFirst + 3>(d, x, lane, before, at, after, sum + 3 * kTaps);
    before = at;
    at = after;
  }
#pragma GCC unroll 12
  for (int k = 0; k < kTogether * kTaps; ++k) hn::StoreU(sum[k], d, to + k * kBlock);
}

template <int kGroup>
void weights_row(const float* image, const Extent& extent, std::int64_t row, const float* gradient, float* packed) {
  const std::int64_t line = extent.width * extent.channels;
  const int lanes = static_cast<int>(hn::Lanes(D()));
  for (std::int64_t c = 0; c < extent.channels; c += kBlock) {
    for (int tap = first_tap(row); tap < end_tap(row, extent.height); ++tap) {
      const float* const in = image + (row - 1 + tap) * line + c;
      float* const to = packed + (c * kTaps + tap * kBlock) * kGroup * kTaps;
      for (int lane = 0; lane < kBlock; lane += lanes) {
        add_weights<kGroup, 0>(in, gradient + c, extent.width, extent.channels, lane, to);
        if constexpr (kGroup == 8) {
          add_weights<kGroup, 4>(in, gradient + c, extent.width, extent.channels, lane, to);
        }
      }
    }
  }
}

void grouped_conv_weights_row(const float* image, const Extent& extent, std::int64_t row, std::int64_t group,
                              const float* gradient, float* packed) {
  if (group == 4) {
    weights_row<4>(image, extent, row, gradient, packed);
  } else {
    weights_row<8>(image, extent, row, gradient, packed);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace springbok::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace springbok::engine {

HWY_EXPORT(grouped_conv_row);
HWY_EXPORT(grouped_conv_weights_row);

void grouped_conv_row(const float* image, const Extent& extent, std::int64_t row, std::int64_t group,
                      const float* packed, float* out) {
  HWY_DYNAMIC_DISPATCH(grouped_conv_row)(image, extent, row, group, packed, out);
}

void grouped_conv_weights_row(const float* image, const Extent& extent, std::int64_t row, std::int64_t group,
                              const float* gradient, float* packed) {
  HWY_DYNAMIC_DISPATCH(grouped_conv_weights_row)(image, extent, row, group, gradient, packed);
}

}  // namespace springbok::engine
#endif
