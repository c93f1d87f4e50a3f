// Depthwise convolutions for each instruction set. A tile is some neighbouring pixels of a row. For each vector of
// channels its sums stay in registers, and each value that is read is multiplied by all the taps that meet it. Channels
// are the innermost loop, so that memory is read as it lies.
#include "springbok/engine/kernels/depthwise_kernels.h"

#include <algorithm>
#include <type_traits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "springbok/engine/kernels/depthwise_kernels.cpp"
// Accumulators are arrays of vectors, which vectors of unknown size do not allow.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#include <hwy/foreach_target.h>  // compiles this file once for each instruction set
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace springbok::engine {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<float, kDepthwiseLanes>;
using V = hn::Vec<D>;
constexpr int kTile = 7;  ///< pixels of a row at once: divides every width of a 224 pixel net
constexpr int kMostTaps = 5;
constexpr std::int64_t kLineValues = 16;  ///< of a cache line

/// Which tap (a column of the kernel) leads from the `j`-th value read to the `p`-th pixel of a tile; others than 0 to
/// kTaps - 1 are none.
template <int kKernel, int kStride>
struct Straight {  ///< pixels of the output, values of the image
  static constexpr int kTaps = kKernel;
  static constexpr int reads(int pixels) { return (pixels - 1) * kStride + kKernel; }
  static constexpr int tap(int j, int p) { return j - p * kStride; }
};

/// Pixels of the image, values of the output's gradient. Pixel p and tap t meet value (p + phase - t) / stride after
/// that of the first pixel's phase, where that divides.
template <int kKernel, int kStride, int kPhase>
struct Turned {
  static constexpr int kTaps = kKernel;
  static constexpr int kBefore = (kKernel - 1 - kPhase) / kStride;  ///< values before that of the first pixel's phase
  static constexpr int reads(int pixels) { return (pixels - 1 + kPhase) / kStride + kBefore + 1; }
  static constexpr int tap(int j, int p) { return p + kPhase - (j - kBefore) * kStride; }
};

/// The rows of values that a row of pixels meets, and the row of taps that leads from each.
struct Meeting {
  const float* values[kMostTaps];
  const float* taps[kMostTaps];
  int count = 0;
};

/// Where a tile lies: the column of its first value, columns and channels there are.
struct Place {
  std::int64_t first, width, channels;
  bool inside(int j) const { return first + j >= 0 && first + j < width; }
  std::int64_t at(int j, std::int64_t c) const { return (first + j) * channels + c; }
};

/// Adds value `J` times its taps to the tile's pixels from `P` on.
template <class Taps, int kPixels, int J, int P = 0>
HWY_INLINE void add_value(V value, const V* taps, V* sums) {
  constexpr int kTap = Taps::tap(J, P);
  if constexpr (kTap >= 0 && kTap < Taps::kTaps) sums[P] = hn::MulAdd(value, taps[kTap], sums[P]);
  if constexpr (P + 1 < kPixels) add_value<Taps, kPixels, J, P + 1>(value, taps, sums);
}

/// Adds a row of values, from value `J` on. `kEdge`: some may lie outside.
template <class Taps, int kPixels, bool kEdge, int J = 0>
HWY_INLINE void add_values(const float* row, const Place& place, std::int64_t c, const V* taps, V* sums) {
  if (!kEdge || place.inside(J)) {
    add_value<Taps, kPixels, J>(hn::LoadU(D(), row + place.at(J, c)), taps, sums);
  }
  if constexpr (J + 1 < Taps::reads(kPixels)) add_values<Taps, kPixels, kEdge, J + 1>(row, place, c, taps, sums);
}

/// Asks for the values below the last row: the next row of pixels reads them, and they come from far.
template <class Taps, int kPixels>
HWY_INLINE void fetch(const Meeting& rows, const Place& place, std::int64_t c) {
  constexpr int kToRead = 0, kToSecondCache = 2;
  if (rows.count == 0) return;
  const float* const next = rows.values[rows.count - 1] + place.width * place.channels;
  for (int j = 0; j < Taps::reads(kPixels); ++j) {
    if (place.inside(j)) __builtin_prefetch(next + place.at(j, c), kToRead, kToSecondCache);
  }
}

template <class Taps, int kPixels, bool kEdge>
HWY_NOINLINE void convolve_tile(const Meeting& rows, const Place& place, float* out) {
  const D d;
  for (std::int64_t c = 0; c < place.channels; c += static_cast<std::int64_t>(hn::Lanes(d))) {
    V sums[kPixels], taps[Taps::kTaps];
#pragma GCC unroll 7
    for (int p = 0; p < kPixels; ++p) sums[p] = hn::Zero(d);
    for (int r = 0; r < rows.count; ++r) {
#pragma GCC unroll 5
      for (int t = 0; t < Taps::kTaps; ++t) taps[t] = hn::LoadU(d, rows.taps[r] + t * place.channels + c);
      add_values<Taps, kPixels, kEdge>(rows.values[r], place, c, taps, sums);
    }
    if (c % kLineValues == 0) fetch<Taps, kPixels>(rows, place, c);
#pragma GCC unroll 7
    for (int p = 0; p < kPixels; ++p) hn::StoreU(sums[p], d, out + p * place.channels + c);
  }
}

/// A tile at pixel `x` whose first value is in column `first`.
template <class Taps, int kPixels>
void convolve(const Meeting& rows, std::int64_t first, std::int64_t width, std::int64_t channels, float* out) {
  const Place place{first, width, channels};
  if (place.inside(0) && place.inside(Taps::reads(kPixels) - 1)) {
    convolve_tile<Taps, kPixels, false>(rows, place, out);
  } else {
    convolve_tile<Taps, kPixels, true>(rows, place, out);
  }
}

/// Calls `tile(x, pixels)` for tiles that cover a row, of kTile pixels or, in rows of fewer, of one. The last may begin
/// within the one before: the same results twice.
template <class Tile>
void for_tiles(std::int64_t width, const Tile& tile) {
  if (width < kTile) {
    for (std::int64_t x = 0; x < width; ++x) tile(x, std::integral_constant<int, 1>());
    return;
  }
  for (std::int64_t x = 0; x < width; x += kTile) {
    tile(std::min<std::int64_t>(x, width - kTile), std::integral_constant<int, kTile>());
  }
}

/// The rows of the image that row `row` of the output meets.
Meeting meeting_image(const Depthwise& conv, const float* image, std::int64_t row, const float* packed) {
  Meeting met;
  for (std::int64_t tap = 0; tap < conv.kernel; ++tap) {
    const std::int64_t from = row * conv.stride + tap - conv.above;
    if (from < 0 || from >= conv.height) continue;
    met.values[met.count] = image + from * conv.line();
    met.taps[met.count++] = packed + tap * conv.kernel * conv.channels;
  }
  return met;
}

/// The rows of the output's gradient that row `row` of the image meets.
Meeting meeting_gradient(const Depthwise& conv, const float* gradient, std::int64_t row, const float* packed) {
  Meeting met;
  for (std::int64_t tap = 0; tap < conv.kernel; ++tap) {
    const std::int64_t far = row + conv.above - tap;
    if (far < 0 || far % conv.stride != 0 || far / conv.stride >= conv.out_height) continue;
    met.values[met.count] = gradient + far / conv.stride * conv.out_line();
    met.taps[met.count++] = packed + tap * conv.kernel * conv.channels;
  }
  return met;
}

template <int kKernel, int kStride>
void output_row(const Depthwise& conv, const float* image, std::int64_t row, const float* packed, float* out) {
  const Meeting rows = meeting_image(conv, image, row, packed);
  for_tiles(conv.out_width, [&](std::int64_t x, auto pixels) {
    convolve<Straight<kKernel, kStride>, pixels()>(rows, x * kStride - conv.before, conv.width, conv.channels,
                                                   out + x * conv.channels);
  });
}

template <int kKernel, int kStride, int kPhase, int kPixels>
void input_tile(const Depthwise& conv, const Meeting& rows, std::int64_t x, float* out) {
  using Taps = Turned<kKernel, kStride, kPhase>;
  convolve<Taps, kPixels>(rows, (x + conv.before) / kStride - Taps::kBefore, conv.out_width, conv.channels,
                          out + x * conv.channels);
}

template <int kKernel, int kStride>
void input_row(const Depthwise& conv, const float* gradient, std::int64_t row, const float* packed, float* out) {
  const Meeting rows = meeting_gradient(conv, gradient, row, packed);
  for_tiles(conv.width, [&](std::int64_t x, auto pixels) {
    if (kStride == 1 || (x + conv.before) % 2 == 0) {
      input_tile<kKernel, kStride, 0, pixels()>(conv, rows, x, out);
    } else {
      input_tile<kKernel, kStride, kStride - 1, pixels()>(conv, rows, x, out);
    }
  });
}

/// Adds value `J` times the gradients of the pixels from `P` on to the sums of its taps.
template <class Taps, int kPixels, int J, int P = 0>
HWY_INLINE void add_products(V value, const V* gradients, V* sums) {
  constexpr int kTap = Taps::tap(J, P);
  if constexpr (kTap >= 0 && kTap < Taps::kTaps) sums[kTap] = hn::MulAdd(value, gradients[P], sums[kTap]);
  if constexpr (P + 1 < kPixels) add_products<Taps, kPixels, J, P + 1>(value, gradients, sums);
}

template <class Taps, int kPixels, bool kEdge, int J = 0>
HWY_INLINE void add_row(const float* row, const Place& place, std::int64_t c, const V* gradients, V* sums) {
  if (!kEdge || place.inside(J)) {
    add_products<Taps, kPixels, J>(hn::LoadU(D(), row + place.at(J, c)), gradients, sums);
  }
  if constexpr (J + 1 < Taps::reads(kPixels)) add_row<Taps, kPixels, kEdge, J + 1>(row, place, c, gradients, sums);
}

/// `rows.taps` lies in `packed`, which is written.
template <class Taps, int kPixels, bool kEdge>
HWY_NOINLINE void weights_tile(const Meeting& rows, const Place& place, const float* gradient, const float* packed,
                               float* to) {
  const D d;
  for (std::int64_t c = 0; c < place.channels; c += static_cast<std::int64_t>(hn::Lanes(d))) {
    V gradients[kPixels], sums[Taps::kTaps];
#pragma GCC unroll 7
    for (int p = 0; p < kPixels; ++p) gradients[p] = hn::LoadU(d, gradient + p * place.channels + c);
    for (int r = 0; r < rows.count; ++r) {
      float* const sum = to + (rows.taps[r] - packed) + c;
#pragma GCC unroll 5
      for (int t = 0; t < Taps::kTaps; ++t) sums[t] = hn::LoadU(d, sum + t * place.channels);
      add_row<Taps, kPixels, kEdge>(rows.values[r], place, c, gradients, sums);
#pragma GCC unroll 5
      for (int t = 0; t < Taps::kTaps; ++t) hn::StoreU(sums[t], d, sum + t * place.channels);
    }
  }
}

template <int kKernel, int kStride>
void weights_row(const Depthwise& conv, const float* image, std::int64_t row, const float* gradient, float* packed) {
  using Taps = Straight<kKernel, kStride>;
  const Meeting rows = meeting_image(conv, image, row, packed);
  std::int64_t x = 0;
  for (; x + kTile <= conv.out_width; x += kTile) {
    const Place place{x * kStride - conv.before, conv.width, conv.channels};
    const bool whole = place.inside(0) && place.inside(Taps::reads(kTile) - 1);
    (whole ? weights_tile<Taps, kTile, false>
           : weights_tile<Taps, kTile, true>)(rows, place, gradient + x * conv.channels, packed, packed);
  }
  for (; x < conv.out_width; ++x) {
    const Place place{x * kStride - conv.before, conv.width, conv.channels};
    weights_tile<Taps, 1, true>(rows, place, gradient + x * conv.channels, packed, packed);
  }
}

/// Calls `work` with kernel and stride as constants.
template <class Work>
void with_window(const Depthwise& conv, const Work& work) {
  constexpr std::integral_constant<int, 1> kOne;
  constexpr std::integral_constant<int, 2> kTwo;
  constexpr std::integral_constant<int, 3> kThree;
  constexpr std::integral_constant<int, 5> kFive;
  if (conv.kernel == 3) {
    conv.stride == 1 ? work(kThree, kOne) : work(kThree, kTwo);
  } else {
    conv.stride == 1 ? work(kFive, kOne) : work(kFive, kTwo);
  }
}

void depthwise_row(const Depthwise& conv, const float* image, std::int64_t row, const float* packed, float* out) {
  with_window(conv, [&](auto kernel, auto stride) { output_row<kernel(), stride()>(conv, image, row, packed, out); });
}

void depthwise_input_row(const Depthwise& conv, const float* gradient, std::int64_t row, const float* packed,
                         float* out) {
  with_window(conv, [&](auto kernel, auto stride) { input_row<kernel(), stride()>(conv, gradient, row, packed, out); });
}

void depthwise_weights_row(const Depthwise& conv, const float* image, std::int64_t row, const float* gradient,
                           float* packed) {
  with_window(conv,
              [&](auto kernel, auto stride) { weights_row<kernel(), stride()>(conv, image, row, gradient, packed); });
}

}  // namespace HWY_NAMESPACE
}  // namespace springbok::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace springbok::engine {

HWY_EXPORT(depthwise_row);
HWY_EXPORT(depthwise_input_row);
HWY_EXPORT(depthwise_weights_row);

void depthwise_row(const Depthwise& conv, const float* image, std::int64_t row, const float* packed, float* out) {
  HWY_DYNAMIC_DISPATCH(depthwise_row)(conv, image, row, packed, out);
}

void depthwise_input_row(const Depthwise& conv, const float* gradient, std::int64_t row, const float* packed,
                         float* out) {
  HWY_DYNAMIC_DISPATCH(depthwise_input_row)(conv, gradient, row, packed, out);
}

void depthwise_weights_row(const Depthwise& conv, const float* image, std::int64_t row, const float* gradient,
                           float* packed) {
  HWY_DYNAMIC_DISPATCH(depthwise_weights_row)(conv, image, row, gradient, packed);
}

}  // namespace springbok::engine
#endif
