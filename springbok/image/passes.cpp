// The two passes of a resize, vectorised for the machine it runs on. Integer-exact: a weight k of 22 fractional bits is
// split into k = 256 high + low, both fit 16 bits, and sums of 16-bit products are exact in 32 bits.
#include "springbok/image/passes.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "springbok/image/passes.cpp"
#include <hwy/foreach_target.h>  // compiles this file once for each instruction set
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace springbok::image {
namespace HWY_NAMESPACE {
#if HWY_TARGET == HWY_SCALAR
// No vectors on this machine.
void horizontal_kernel(const Rows& in, const Taps& taps, std::uint8_t* out) {
  horizontal_pass_plain(in, taps, out);
}
void vertical_kernel(const Rows& in, const Taps& taps, std::uint8_t* out) {
  vertical_pass_plain(in, taps, out);
}

#else
namespace hn = hwy::HWY_NAMESPACE;

// As many blocks of 128 bits as the machine has; the kernels below work block by block.
#if HWY_MAX_BYTES >= 64 && !HWY_HAVE_SCALABLE
constexpr int kBlocks = 4;
#elif HWY_MAX_BYTES >= 32 && !HWY_HAVE_SCALABLE
constexpr int kBlocks = 2;
#else
constexpr int kBlocks = 1;
#endif
using D8 = hn::FixedTag<std::uint8_t, 16 * kBlocks>;
using D16 = hn::FixedTag<std::int16_t, 8 * kBlocks>;
using D32 = hn::FixedTag<std::int32_t, 4 * kBlocks>;
using DHalf8 = hn::FixedTag<std::uint8_t, 8 * kBlocks>;
using V8 = hn::Vec<D8>;
using V16 = hn::Vec<D16>;
using V32 = hn::Vec<D32>;

/// Weights of two neighbouring taps: high parts and low parts as pairs of 16 bits.
struct WeightPair {
  std::int32_t high;
  std::int32_t low;
};

/// Taps with their weights as pairs, `pairs` to an output, filled up with zeros.
struct PairedTaps {
  int pairs;
  std::vector<WeightPair> weights;
};

PairedTaps pair_up(const Taps& taps, int multiple) {
  int longest = 1;
  for (const int count : taps.count) longest = std::max(longest, count);
  const int pairs = (longest + 2 * multiple - 1) / (2 * multiple) * multiple;
  PairedTaps paired{pairs, std::vector<WeightPair>(static_cast<std::size_t>(taps.outputs()) * pairs)};
  for (int i = 0; i < taps.outputs(); ++i) {
    const std::int32_t* weights = &taps.weights[static_cast<std::size_t>(i) * taps.stride];
    WeightPair* to = &paired.weights[static_cast<std::size_t>(i) * pairs];
    for (int j = 0; j < taps.count[i]; ++j) {
      const int shift = j % 2 * 16;
      to[j / 2].high |= static_cast<std::int32_t>(static_cast<std::uint32_t>((weights[j] >> 8) & 0xFFFF) << shift);
      to[j / 2].low |= (weights[j] & 0xFF) << shift;
    }
  }
  return paired;
}

/// Exact sums of weight * pixel in 32 bits, kept as 256 * high + low until the end.
class Sum {
 public:
  HWY_INLINE Sum()
      : high_(hn::Zero(D32())), high_rest_(hn::Zero(D32())), low_(hn::Zero(D32())), low_rest_(hn::Zero(D32())) {}
  /// Adds to each 32-bit lane the products of its pair of 16-bit pixels with the pair of weights.
  HWY_INLINE void add(V16 pixels, V16 high, V16 low) {
    high_ = hn::ReorderWidenMulAccumulate(D32(), pixels, high, high_, high_rest_);
    low_ = hn::ReorderWidenMulAccumulate(D32(), pixels, low, low_, low_rest_);
  }
  /// The sums without their fraction, rounded to nearest; not yet clamped to a byte.
  HWY_INLINE V32 rounded() const {
    const V32 high = hn::RearrangeToOddPlusEven(high_, high_rest_);
    const V32 low = hn::RearrangeToOddPlusEven(low_, low_rest_);
    const V32 half = hn::Set(D32(), 1 << (kWeightBits - 1));
    return hn::ShiftRight<kWeightBits>(hn::Add(hn::Add(hn::ShiftLeft<8>(high), low), half));
  }

 private:
  V32 high_;
  V32 high_rest_;
  V32 low_;
  V32 low_rest_;
};

HWY_INLINE V16 spread(std::int32_t pair) {
  return hn::BitCast(D16(), hn::Set(D32(), pair));
}

/// One output row of the vertical pass. `lower[j]` steps from row to row.
void down_row(const std::uint8_t* from, std::size_t stride, int count, const WeightPair* weights, std::size_t bytes,
              std::uint8_t* out) {
  constexpr std::size_t kStep = 8 * kBlocks;
  for (std::size_t x = 0; x < bytes; x += kStep) {
    x = std::min(x, bytes - kStep);  // the last step overlaps the one before
    Sum first, second;
    for (int j = 0; j < count; j += 2) {
      const std::uint8_t* upper_row = from + j * stride + x;
      const std::uint8_t* lower_row = j + 1 < count ? upper_row + stride : upper_row;  // weight 0 then
      const V16 upper = hn::PromoteTo(D16(), hn::LoadU(DHalf8(), upper_row));
      const V16 lower = hn::PromoteTo(D16(), hn::LoadU(DHalf8(), lower_row));
      const V16 high = spread(weights[j / 2].high), low = spread(weights[j / 2].low);
      first.add(hn::InterleaveLower(D16(), upper, lower), high, low);
      second.add(hn::InterleaveUpper(D16(), upper, lower), high, low);
    }
    const V16 packed = hn::ReorderDemote2To(D16(), first.rounded(), second.rounded());
    hn::StoreU(hn::DemoteTo(DHalf8(), packed), DHalf8(), out + x);
  }
}

void vertical_kernel(const Rows& in, const Taps& taps, std::uint8_t* out) {
  const std::size_t bytes = static_cast<std::size_t>(in.width) * in.channels;
  if (bytes < 8 * kBlocks) return vertical_pass_plain(in, taps, out);
  const PairedTaps paired = pair_up(taps, 1);
  for (int i = 0; i < taps.outputs(); ++i, out += bytes) {
    down_row(in.pixels + taps.first[i] * in.stride, in.stride, taps.count[i],
             &paired.weights[static_cast<std::size_t>(i) * paired.pairs], bytes, out);
  }
}

constexpr int kRowsAtOnce = 2 * kBlocks;

/// 16 bytes of one row in each block: of rows `first`, `first` + 2, ...
HWY_INLINE V8 load_rows(const std::array<const std::uint8_t*, kRowsAtOnce>& rows, int first, std::size_t at) {
#if HWY_MAX_BYTES >= 32 && !HWY_HAVE_SCALABLE
  const hn::FixedTag<std::uint8_t, 16> one;
  const hn::FixedTag<std::uint8_t, 32> two;
  const auto lower = hn::Combine(two, hn::LoadU(one, rows[first + 2] + at), hn::LoadU(one, rows[first] + at));
#if HWY_MAX_BYTES >= 64
  return hn::Combine(D8(), hn::Combine(two, hn::LoadU(one, rows[first + 6] + at), hn::LoadU(one, rows[first + 4] + at)),
                     lower);
#else
  return lower;
#endif
#else
  return hn::LoadU(D8(), rows[first] + at);
#endif
}

/// In each block: where bytes of taps `tap` and `tap + 1` go, channel by channel, as pairs of 16 bits.
V8 pair_shuffle(int tap, int channels) {
  std::uint8_t indices[16 * kBlocks];
  std::fill(std::begin(indices), std::end(indices), std::uint8_t{0x80});  // gives 0
  for (int block = 0; block < kBlocks; ++block) {
    for (int c = 0; c < channels; ++c) {
      indices[16 * block + 4 * c] = static_cast<std::uint8_t>(tap * channels + c);
      indices[16 * block + 4 * c + 2] = static_cast<std::uint8_t>((tap + 1) * channels + c);
    }
  }
  return hn::LoadU(D8(), indices);
}

/// `kRowsAtOnce` rows of the horizontal pass. Reads up to 16 bytes past a row's end.
void across_rows(const std::array<const std::uint8_t*, kRowsAtOnce>& rows, int channels, const Taps& taps,
                 const PairedTaps& paired, const std::array<std::uint8_t*, kRowsAtOnce>& out) {
  const V8 shuffle_01 = pair_shuffle(0, channels), shuffle_23 = pair_shuffle(2, channels);
  const WeightPair* weights = paired.weights.data();
  const int outputs = taps.outputs();
  const auto pixel_bytes = static_cast<std::size_t>(channels);
  for (int i = 0; i < outputs; ++i, weights += paired.pairs) {
    Sum even, odd;  // rows 0, 2, ...; rows 1, 3, ...
    std::size_t at = taps.first[i] * pixel_bytes;
    const int pairs = (taps.count[i] + 1) / 2;
    for (int pair = 0; pair < pairs; pair += 2, at += 4 * pixel_bytes) {
      const V8 pixels_even = load_rows(rows, 0, at), pixels_odd = load_rows(rows, 1, at);
      const auto add = [&](V8 shuffle, const WeightPair& weight) HWY_ATTR {
        const V16 high = spread(weight.high), low = spread(weight.low);
        even.add(hn::BitCast(D16(), hn::TableLookupBytesOr0(pixels_even, shuffle)), high, low);
        odd.add(hn::BitCast(D16(), hn::TableLookupBytesOr0(pixels_odd, shuffle)), high, low);
      };
      add(shuffle_01, weights[pair]);
      add(shuffle_23, weights[pair + 1]);
    }
    const V16 packed =
        hn::ReorderDemote2To(D16(), even.rounded(), odd.rounded());  // block by block: rows 0 1 | 2 3 | ...
    std::uint8_t bytes[8 * kBlocks];
    hn::StoreU(hn::DemoteTo(DHalf8(), packed), DHalf8(), bytes);
    // Four bytes are stored for fewer channels too, where the pixels to come overwrite the excess.
    const std::size_t to = i * pixel_bytes;
    if (to + 4 <= outputs * pixel_bytes) {
      for (int r = 0; r < kRowsAtOnce; ++r) std::memcpy(out[r] + to, bytes + 4 * r, 4);
    } else {
      for (int r = 0; r < kRowsAtOnce; ++r) std::copy_n(bytes + 4 * r, pixel_bytes, out[r] + to);
    }
  }
}

void horizontal_kernel(const Rows& in, const Taps& taps, std::uint8_t* out) {
  const PairedTaps paired = pair_up(taps, 2);
  const std::size_t row_bytes = static_cast<std::size_t>(in.width) * in.channels;
  const std::size_t out_bytes = static_cast<std::size_t>(taps.outputs()) * in.channels;
  std::vector<std::uint8_t> padded;  // copies of the rows that end too close to the end of memory
  std::array<const std::uint8_t*, kRowsAtOnce> rows;
  std::array<std::uint8_t*, kRowsAtOnce> to;
  for (int y = 0; y < in.height; y += kRowsAtOnce) {
    for (int r = 0; r < kRowsAtOnce; ++r) {
      const int row = std::min(y + r, in.height - 1);  // past the last: the last once more
      rows[r] = in.pixels + row * in.stride;
      to[r] = out + row * out_bytes;
      if (row * in.stride + row_bytes + 16 <= in.readable) continue;
      padded.resize((row_bytes + 16) * kRowsAtOnce);
      std::uint8_t* copy = padded.data() + (row_bytes + 16) * r;
      std::memcpy(copy, rows[r], row_bytes);
      rows[r] = copy;
    }
    across_rows(rows, in.channels, taps, paired, to);
  }
}

#endif
}  // namespace HWY_NAMESPACE
}  // namespace springbok::image
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace springbok::image {

HWY_EXPORT(horizontal_kernel);
HWY_EXPORT(vertical_kernel);

void horizontal_pass(const Rows& in, const Taps& taps, std::uint8_t* out) {
  HWY_DYNAMIC_DISPATCH(horizontal_kernel)(in, taps, out);
}

void vertical_pass(const Rows& in, const Taps& taps, std::uint8_t* out) {
  HWY_DYNAMIC_DISPATCH(vertical_kernel)(in, taps, out);
}

}  // namespace springbok::image
#endif
