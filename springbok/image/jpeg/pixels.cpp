// Coefficients to samples and samples to pixels, for each instruction set. All sums are exact in the bits they have for
// every valid file, so that their order is free; rounding happens where libjpeg's method rounds.
#include "springbok/image/jpeg/pixels.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "springbok/image/jpeg/pixels.cpp"
// Blocks are arrays of vectors, which vectors of unknown size do not allow.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#include <hwy/foreach_target.h>  // compiles this file once for each instruction set
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace springbok::image {
namespace HWY_NAMESPACE {

constexpr int kBits = 13;     // of the transform's constants
constexpr int kPassBits = 2;  // that the first pass leaves behind the point
constexpr int kCentre = 128;  // of samples

// The transform's sums of 16 bits hold what any two columns that it adds come to, to this. Samples of 8 bits need up to
// 4096 and what quantisation rounds.
constexpr int kMostOfColumns = 5900;

// Vertical upsampling rounds at 1/4, both ways at 1/16; even pixels up, odd ones down, or the reverse.
constexpr int kEvenHalf = 8, kOddHalf = 7, kEvenQuarter = 1, kOddQuarter = 2;

// 65536 times the factors of YCbCr to RGB, less whole multiples of 65536 that make them fit 16 bits.
constexpr int kRedCr = 91881 - 65536, kGreenCb = -22554, kGreenCr = 65536 - 46802, kBlueCb = 116130 - 131072;

void upsample_pixel(const std::uint16_t* sums, int i, bool both, std::uint8_t* out) {
  const int near = 3 * sums[i];
  if (both) {
    out[2 * i] = static_cast<std::uint8_t>((near + sums[i - 1] + kEvenHalf) >> 4);
    out[2 * i + 1] = static_cast<std::uint8_t>((near + sums[i + 1] + kOddHalf) >> 4);
  } else {
    out[2 * i] = static_cast<std::uint8_t>((near + sums[i - 1] + kEvenQuarter) >> 2);
    out[2 * i + 1] = static_cast<std::uint8_t>((near + sums[i + 1] + kOddQuarter) >> 2);
  }
}

void rgb_pixel(int y, int cb, int cr, std::uint8_t* out) {
  constexpr int kHalf = 1 << 15;
  const int blue = cb - kCentre, red = cr - kCentre;
  const auto byte = [](int value) { return static_cast<std::uint8_t>(std::clamp(value, 0, 255)); };
  out[0] = byte(y + red + ((kRedCr * red + kHalf) >> 16));
  out[1] = byte(y - red + ((kGreenCb * blue + kGreenCr * red + kHalf) >> 16));
  out[2] = byte(y + 2 * blue + ((kBlueCb * blue + kHalf) >> 16));
}

#if HWY_TARGET == HWY_SCALAR
// No vectors on this machine.
struct Wide {
  std::array<std::int32_t, 8> at;
};

/// One pass over eight values `step` apart.
Wide transform(const std::int32_t* in, int step) {
  const auto x = [&](int i) { return in[i * step]; };
  const std::int32_t even2 = x(2) * 4433 + x(6) * (4433 - 15137), even3 = x(2) * (4433 + 6270) + x(6) * 4433;
  const std::int32_t sum = (x(0) + x(4)) * (1 << kBits), difference = (x(0) - x(4)) * (1 << kBits);
  const std::int32_t a = x(7) + x(3), b = x(5) + x(1);
  const std::int32_t c = a * (9633 - 16069) + b * 9633, d = a * 9633 + b * (9633 - 3196);
  const std::int32_t odd0 = x(7) * (2446 - 7373) + x(1) * -7373 + c, odd3 = x(7) * -7373 + x(1) * (12299 - 7373) + d;
  const std::int32_t odd1 = x(5) * (16819 - 20995) + x(3) * -20995 + d;
  const std::int32_t odd2 = x(5) * -20995 + x(3) * (25172 - 20995) + c;
  const std::int32_t e0 = sum + even3, e1 = difference + even2, e2 = difference - even2, e3 = sum - even3;
  return {{e0 + odd3, e1 + odd2, e2 + odd1, e3 + odd0, e3 - odd0, e2 - odd1, e1 - odd2, e0 - odd3}};
}

bool inverse_dct(const std::int16_t* coefficients, const std::uint16_t* steps, int blocks, std::uint8_t* out,
                 std::size_t stride) {
  bool fits = true;
  for (int block = 0; block < blocks; ++block, coefficients += 64, out += 8) {
    std::array<std::int32_t, 64> values;
    std::array<std::int32_t, 8> sums{};
    for (std::size_t i = 0; i < 64; ++i) {
      values[i] = coefficients[i] * steps[i];
      sums[i % 8] += std::abs(values[i]);
    }
    for (std::size_t i = 0; i < 4; ++i) fits = fits && sums[i] + sums[i + 4] <= kMostOfColumns;
    if (!fits) return false;
    for (int x = 0; x < 8; ++x) {
      const Wide column = transform(values.data() + x, 8);
      for (int y = 0; y < 8; ++y)
        values[y * 8 + x] = (column.at[y] + (1 << (kBits - kPassBits - 1))) >> (kBits - kPassBits);
    }
    for (int y = 0; y < 8; ++y) {
      const Wide row = transform(values.data() + y * 8, 1);
      constexpr int kShift = kBits + kPassBits + 3;
      for (int x = 0; x < 8; ++x) {
        const int value = ((row.at[x] + (1 << (kShift - 1))) >> kShift) + kCentre;
        out[y * stride + x] = static_cast<std::uint8_t>(std::clamp(value, 0, 255));
      }
    }
  }
  return true;
}

void upsample_row(const std::uint8_t* near, const std::uint8_t* far, int samples, std::uint16_t* scratch,
                  std::uint8_t* out) {
  std::uint16_t* const sums = scratch + 1;
  for (int i = -1; i <= samples; ++i) {
    sums[i] = static_cast<std::uint16_t>(far != nullptr ? 3 * near[i] + far[i] : near[i]);
  }
  for (int i = 0; i < samples; ++i) upsample_pixel(sums, i, far != nullptr, out);
}

void ycc_to_rgb(const std::uint8_t* y, const std::uint8_t* cb, const std::uint8_t* cr, int pixels, std::uint8_t* out) {
  for (int i = 0; i < pixels; ++i) rgb_pixel(y[i], cb[i], cr[i], out + 3 * i);
}

#else
namespace hn = hwy::HWY_NAMESPACE;

// Two blocks of 128 bits where the machine has them; a row of 8 coefficients lies in each. Four gain nothing: filling
// them takes longer.
#if HWY_MAX_BYTES >= 32 && !HWY_HAVE_SCALABLE
constexpr int kLanes = 2;
#else
constexpr int kLanes = 1;
#endif
using D16 = hn::FixedTag<std::int16_t, 8 * kLanes>;
using D32 = hn::FixedTag<std::int32_t, 4 * kLanes>;
using D64 = hn::FixedTag<std::int64_t, 2 * kLanes>;
using DU16 = hn::FixedTag<std::uint16_t, 8 * kLanes>;
using D8 = hn::FixedTag<std::uint8_t, 8 * kLanes>;
using DOne16 = hn::FixedTag<std::int16_t, 8>;
using DOne8 = hn::FixedTag<std::uint8_t, 8>;
using V16 = hn::Vec<D16>;
using V32 = hn::Vec<D32>;

/// Lower and upper halves of eight 32-bit values a block.
struct Wide {
  V32 low, high;
};

HWY_INLINE Wide operator+(Wide a, Wide b) {
  return {hn::Add(a.low, b.low), hn::Add(a.high, b.high)};
}

HWY_INLINE Wide operator-(Wide a, Wide b) {
  return {hn::Sub(a.low, b.low), hn::Sub(a.high, b.high)};
}

/// Two values, side by side, for products with two factors each.
struct Paired {
  V16 low, high;
  HWY_INLINE Paired(V16 a, V16 b) : low(hn::InterleaveLower(D16(), a, b)), high(hn::InterleaveUpper(D16(), a, b)) {}
};

HWY_INLINE V32 products(V16 pairs, V16 factors) {
  V32 rest = hn::Zero(D32());
  const V32 sum = hn::ReorderWidenMulAccumulate(D32(), pairs, factors, hn::Zero(D32()), rest);
  return hn::RearrangeToOddPlusEven(sum, rest);
}

/// a * first + b * second.
HWY_INLINE Wide weighted(const Paired& pair, int first, int second) {
  const auto packed = (static_cast<std::uint32_t>(second) << 16) | (static_cast<std::uint32_t>(first) & 0xFFFF);
  const V16 factors = hn::BitCast(D16(), hn::Set(D32(), static_cast<std::int32_t>(packed)));
  return {products(pair.low, factors), products(pair.high, factors)};
}

/// x * 2^kBits.
HWY_INLINE Wide widened(V16 x) {
  const Paired pair(hn::Zero(D16()), x);
  return {hn::ShiftRight<16 - kBits>(hn::BitCast(D32(), pair.low)),
          hn::ShiftRight<16 - kBits>(hn::BitCast(D32(), pair.high))};
}

template <int kShift>
HWY_INLINE V16 rounded(Wide x) {
  const V32 half = hn::Set(D32(), 1 << (kShift - 1));
  return hn::ReorderDemote2To(D16(), hn::ShiftRight<kShift>(hn::Add(x.low, half)),
                              hn::ShiftRight<kShift>(hn::Add(x.high, half)));
}

/// One pass, down the columns of x[0..7].
template <int kShift>
HWY_INLINE void transform(V16* x) {
  const Paired even(x[2], x[6]);
  const Wide even2 = weighted(even, 4433, 4433 - 15137), even3 = weighted(even, 4433 + 6270, 4433);
  const Wide sum = widened(hn::Add(x[0], x[4])), difference = widened(hn::Sub(x[0], x[4]));
  const Paired outer(x[7], x[1]), inner(x[5], x[3]), both(hn::Add(x[7], x[3]), hn::Add(x[5], x[1]));
  const Wide c = weighted(both, 9633 - 16069, 9633), d = weighted(both, 9633, 9633 - 3196);
  const Wide odd0 = weighted(outer, 2446 - 7373, -7373) + c, odd3 = weighted(outer, -7373, 12299 - 7373) + d;
  const Wide odd1 = weighted(inner, 16819 - 20995, -20995) + d, odd2 = weighted(inner, -20995, 25172 - 20995) + c;
  const Wide e0 = sum + even3, e1 = difference + even2, e2 = difference - even2, e3 = sum - even3;
  x[0] = rounded<kShift>(e0 + odd3);
  x[7] = rounded<kShift>(e0 - odd3);
  x[1] = rounded<kShift>(e1 + odd2);
  x[6] = rounded<kShift>(e1 - odd2);
  x[2] = rounded<kShift>(e2 + odd1);
  x[5] = rounded<kShift>(e2 - odd1);
  x[3] = rounded<kShift>(e3 + odd0);
  x[4] = rounded<kShift>(e3 - odd0);
}

template <class D>
HWY_INLINE void zip(D d, V16 a, V16 b, V16& low, V16& high) {
  const auto first = hn::BitCast(d, a), second = hn::BitCast(d, b);
  low = hn::BitCast(D16(), hn::InterleaveLower(d, first, second));
  high = hn::BitCast(D16(), hn::InterleaveUpper(d, first, second));
}

/// Rows become columns in each block.
HWY_INLINE void transpose(V16* x) {
  V16 a[8], b[8];
  for (int i = 0; i < 4; ++i) zip(D16(), x[2 * i], x[2 * i + 1], a[i], a[i + 4]);  // 01, 23, 45, 67
  zip(D32(), a[0], a[1], b[0], b[1]);
  zip(D32(), a[2], a[3], b[2], b[3]);
  zip(D32(), a[4], a[5], b[4], b[5]);
  zip(D32(), a[6], a[7], b[6], b[7]);
  zip(D64(), b[0], b[2], x[0], x[1]);
  zip(D64(), b[1], b[3], x[2], x[3]);
  zip(D64(), b[4], b[6], x[4], x[5]);
  zip(D64(), b[5], b[7], x[6], x[7]);
}

/// 8 values from each of two places, or from the first.
HWY_INLINE V16 load_both(const std::int16_t* first, const std::int16_t* second) {
#if HWY_MAX_BYTES >= 32 && !HWY_HAVE_SCALABLE
  return hn::Combine(D16(), hn::LoadU(DOne16(), second), hn::LoadU(DOne16(), first));
#else
  (void)second;
  return hn::LoadU(DOne16(), first);
#endif
}

/// A row of one block or two.
HWY_INLINE void store_row(hn::Vec<D8> bytes, bool two, std::uint8_t* out) {
#if HWY_MAX_BYTES >= 32 && !HWY_HAVE_SCALABLE
  if (!two) return hn::StoreU(hn::LowerHalf(bytes), DOne8(), out);
#else
  (void)two;
#endif
  hn::StoreU(bytes, D8(), out);
}

/// Multiplies the rows by their steps. What is not 0 in the result tells that sums would leave 16 bits.
HWY_INLINE hn::Vec<DU16> scale(V16* x, const std::uint16_t* steps) {
  const DU16 d;
  const auto* const signed_steps = reinterpret_cast<const std::int16_t*>(steps);  // below 256
  V16 lost = hn::Zero(D16());
  auto sums = hn::Zero(d);
  for (int row = 0; row < 8; ++row) {
    const V16 step = load_both(signed_steps + 8 * row, signed_steps + 8 * row), high = hn::MulHigh(x[row], step);
    x[row] = hn::Mul(x[row], step);
    lost = hn::Or(lost, hn::Xor(high, hn::ShiftRight<15>(x[row])));  // not the sign's bits again: more than 16
    sums = hn::SaturatedAdd(sums, hn::BitCast(d, hn::Abs(x[row])));
  }
  const auto opposite = hn::BitCast(d, hn::Shuffle1032(hn::BitCast(D32(), sums)));  // columns 4 to 7, 0 to 3
  return hn::Or(hn::BitCast(d, lost), hn::SaturatedSub(hn::SaturatedAdd(sums, opposite), hn::Set(d, kMostOfColumns)));
}

bool inverse_dct(const std::int16_t* coefficients, const std::uint16_t* steps, int blocks, std::uint8_t* out,
                 std::size_t stride) {
  const V16 centre = hn::Set(D16(), kCentre);
  auto wrong = hn::Zero(DU16());
  for (int block = 0; block < blocks; block += kLanes) {
    const std::int16_t* const first = coefficients + 64 * block;
    const bool two = block + kLanes <= blocks;
    const std::int16_t* const second = two ? first + 64 * (kLanes - 1) : first;
    V16 x[8];
    for (int row = 0; row < 8; ++row) x[row] = load_both(first + 8 * row, second + 8 * row);
    wrong = hn::Or(wrong, scale(x, steps));
    transform<kBits - kPassBits>(x);
    transpose(x);
    transform<kBits + kPassBits + 3>(x);
    transpose(x);
    for (int row = 0; row < 8; ++row, out += stride) {
      const auto bytes = hn::DemoteTo(D8(), hn::SaturatedAdd(x[row], centre));
      store_row(bytes, two, out);
    }
    out = out - 8 * stride + 8 * kLanes;
  }
  return hn::AllTrue(DU16(), hn::Eq(wrong, hn::Zero(DU16())));
}

/// Even and odd pixels, side by side.
template <bool kBoth>
HWY_INLINE void upsample_lanes(const std::uint16_t* sums, int i, std::uint8_t* out) {
  const DU16 d;
  const auto at = hn::LoadU(d, sums + i), before = hn::LoadU(d, sums + i - 1), after = hn::LoadU(d, sums + i + 1);
  const auto near = hn::Add(hn::Add(at, at), at);
  const auto even = hn::Add(hn::Add(near, before), hn::Set(d, kBoth ? kEvenHalf : kEvenQuarter));
  const auto odd = hn::Add(hn::Add(near, after), hn::Set(d, kBoth ? kOddHalf : kOddQuarter));
  constexpr int kShift = kBoth ? 4 : 2;
  const auto pairs = hn::Or(hn::ShiftRight<kShift>(even), hn::ShiftLeft<8>(hn::ShiftRight<kShift>(odd)));
  hn::StoreU(hn::BitCast(hn::Repartition<std::uint8_t, DU16>(), pairs), hn::Repartition<std::uint8_t, DU16>(),
             out + 2 * i);
}

void upsample_row(const std::uint8_t* near, const std::uint8_t* far, int samples, std::uint16_t* scratch,
                  std::uint8_t* out) {
  const DU16 d;
  constexpr int kStep = 8 * kLanes;
  std::uint16_t* const sums = scratch + 1;
  int i = -1;
  const int last_sum = samples + 1 - kStep, last = samples - kStep;  // where the last step begins, over the one before
  for (; i <= samples && last_sum >= -1; i += kStep) {
    i = std::min(i, last_sum);
    const auto a = hn::PromoteTo(d, hn::LoadU(D8(), near + i));
    const auto sum =
        far == nullptr ? a : hn::Add(hn::Add(hn::Add(a, a), a), hn::PromoteTo(d, hn::LoadU(D8(), far + i)));
    hn::StoreU(sum, d, sums + i);
  }
  for (; i <= samples; ++i) sums[i] = static_cast<std::uint16_t>(far != nullptr ? 3 * near[i] + far[i] : near[i]);
  i = 0;
  for (; i < samples && last >= 0; i += kStep) {
    i = std::min(i, last);
    far != nullptr ? upsample_lanes<true>(sums, i, out) : upsample_lanes<false>(sums, i, out);
  }
  for (; i < samples; ++i) upsample_pixel(sums, i, far != nullptr, out);
}

/// (first * a + second * b + 2^15) / 2^16, rounded down, in 16 bits.
HWY_INLINE V16 scaled(V16 a, V16 b, int first, int second) {
  const Wide half{hn::Set(D32(), 1 << 15), hn::Set(D32(), 1 << 15)};
  const Wide sum = weighted(Paired(a, b), first, second) + half;
  return hn::ReorderDemote2To(D16(), hn::ShiftRight<16>(sum.low), hn::ShiftRight<16>(sum.high));
}

void ycc_to_rgb(const std::uint8_t* y, const std::uint8_t* cb, const std::uint8_t* cr, int pixels, std::uint8_t* out) {
  const D16 d;
  const V16 centre = hn::Set(d, kCentre), zero = hn::Zero(d);
  constexpr int kStep = 8 * kLanes;
  int i = 0;
  for (; i < pixels && pixels >= kStep; i += kStep) {
    i = std::min(i, pixels - kStep);  // the last step overlaps the one before
    const V16 light = hn::PromoteTo(d, hn::LoadU(D8(), y + i));
    const V16 blue = hn::Sub(hn::PromoteTo(d, hn::LoadU(D8(), cb + i)), centre);
    const V16 red = hn::Sub(hn::PromoteTo(d, hn::LoadU(D8(), cr + i)), centre);
    const V16 r = hn::Add(light, hn::Add(red, scaled(red, zero, kRedCr, 0)));
    const V16 g = hn::Add(hn::Sub(light, red), scaled(blue, red, kGreenCb, kGreenCr));
    const V16 b = hn::Add(light, hn::Add(hn::Add(blue, blue), scaled(blue, zero, kBlueCb, 0)));
    hn::StoreInterleaved3(hn::DemoteTo(D8(), r), hn::DemoteTo(D8(), g), hn::DemoteTo(D8(), b), D8(), out + 3 * i);
  }
  for (; i < pixels; ++i) rgb_pixel(y[i], cb[i], cr[i], out + 3 * i);
}
#endif

}  // namespace HWY_NAMESPACE
}  // namespace springbok::image
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace springbok::image {

HWY_EXPORT(inverse_dct);
HWY_EXPORT(upsample_row);
HWY_EXPORT(ycc_to_rgb);

bool inverse_dct(const std::int16_t* coefficients, const std::uint16_t* steps, int blocks, std::uint8_t* out,
                 std::size_t stride) {
  return HWY_DYNAMIC_DISPATCH(inverse_dct)(coefficients, steps, blocks, out, stride);
}

void upsample_row(const std::uint8_t* near, const std::uint8_t* far, int samples, std::uint16_t* scratch,
                  std::uint8_t* out) {
  HWY_DYNAMIC_DISPATCH(upsample_row)(near, far, samples, scratch, out);
}

void ycc_to_rgb(const std::uint8_t* y, const std::uint8_t* cb, const std::uint8_t* cr, int pixels, std::uint8_t* out) {
  HWY_DYNAMIC_DISPATCH(ycc_to_rgb)(y, cb, cr, pixels, out);
}

}  // namespace springbok::image
#endif
