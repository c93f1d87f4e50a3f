// The entropy-coded data of a baseline JPEG: bits to coefficients, one block at a time (ITU T.81, annex F.2.2).
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <span>

#include "springbok/image/jpeg_baseline.h"

namespace springbok::image {

/// The next coded bits, from the highest on, and how many there are. A value, so that loops keep it in registers.
struct Bits {
  std::uint64_t word = 0;
  std::int64_t count = 0;

  std::uint32_t peek(int bits) const { return static_cast<std::uint32_t>(word >> (64 - bits)); }
  void drop(int bits) {
    word <<= bits;
    count -= bits;
  }
};

/// The `number`-th restart marker.
constexpr int restart_marker(int number) {
  return 0xD0 + number % 8;
}
constexpr int kEndMarker = 0xD9;

/// Coded data. After them (a marker or the end of the file) come zeros, which `exhausted` tells.
class BitReader {
 public:
  explicit BitReader(std::span<const std::byte> data)
      : at_(reinterpret_cast<const std::uint8_t*>(data.data())), end_(at_ + data.size()) {}

  Bits bits;  ///< taken out by a loop, and put back

  /// `bits` with at least `kReady` of them: one symbol with its value.
  static constexpr int kReady = 32;
  Bits ready(Bits from) {
    if (from.count >= kReady) return from;
    std::uint64_t word = 0;
    if (end_ - at_ >= 8) {
      std::memcpy(&word, at_, 8);
      constexpr std::uint64_t kOnes = 0x0101010101010101, kTops = 0x8080808080808080;
      if (((~word - kOnes) & word & kTops) == 0) {  // no byte is 0xFF
        at_ += (63 - from.count) >> 3;
        return {from.word | __builtin_bswap64(word) >> from.count, from.count | 56};
      }
    }
    return ready_bytewise(from);
  }

  /// Whether bits behind the data have been used.
  bool exhausted() const { return bits.count < invented_; }
  /// Whether all data have been used, but for bits that fill up the last byte, and `marker` follows.
  bool at(int marker) const;
  /// Passes the restart marker that must come next, the `number`-th modulo 8. False when it does not.
  bool restart(int number);
  /// The bytes not yet looked at.
  std::span<const std::byte> rest() const {
    return {reinterpret_cast<const std::byte*>(at_), static_cast<std::size_t>(end_ - at_)};
  }

 private:
  Bits ready_bytewise(Bits from);

  const std::uint8_t *at_, *end_;
  std::int64_t invented_ = 0;
};

/// One table, ready for decoding: short codes are looked up together with the value that follows them.
class HuffmanDecoder {
 public:
  enum class Of : std::uint8_t { dc, ac };

  /// False when the codes are none that a file may have. Costs nothing for the codes of the last call.
  bool build(const HuffmanCodes& codes, Of of);

  /// A symbol with its value. For AC: `run` zeros come before the value; a value of 0 means zeros alone, to the end of
  /// the block or 16 of them. `length` 0: no such code.
  struct Entry {
    std::int16_t value = 0;
    std::uint8_t run = 0;
    std::uint8_t length = 0;  ///< bits of code and value
  };
  static constexpr int kToEnd = 64;  ///< `run` of the end of a block

  /// The next symbol, not yet dropped; `bits` must be ready.
  Entry next(Bits bits) const {
    const Entry entry = short_[bits.peek(kShort)];
    return entry.length != 0 ? entry : next_long(bits, entry);
  }

  /// Several AC symbols at once, for passing over them: how many coefficients and bits they are, kToEnd more when the
  /// last one ends the block. `bits` 0: look at the next symbol alone.
  struct Skip {
    std::uint8_t coefficients = 0;
    std::uint8_t bits = 0;
  };
  Skip skip(Bits bits) const { return skips_[bits.peek(kShort)]; }

 private:
  static constexpr int kShort = 10;
  void fill(int symbol, int code_length, std::uint32_t code);
  void build_skips();
  Entry next_long(Bits bits, Entry found) const;
  Entry entry(int symbol, int code_length, std::uint32_t following, int following_bits) const;

  /// Where a code fits but its value does not, `length` is 0, `run` the code's length and `value` its symbol.
  std::array<Entry, 1 << kShort> short_;
  std::array<Skip, 1 << kShort> skips_;
  std::array<std::uint32_t, 17> limit_;  // the first code of 16 bits that is longer than [length]
  std::array<int, 17> first_;            // what to add to a code of [length] to find its symbol
  HuffmanCodes codes_;
  Of of_ = Of::dc;
  bool built_ = false;  // for these codes
};

/// Decodes a block's coefficients, times their steps, to their places in `out`, which must be zeros; `dc` is the last
/// block's and becomes this one's. Returns how far they reach in zigzag order (1: DC alone), or 0 for damaged data.
int decode_block(BitReader& reader, const HuffmanDecoder& dc_table, const HuffmanDecoder& ac_table,
                 const std::array<std::uint16_t, 64>& steps, int& dc, std::int16_t* out);

/// Passes over a block. False for damaged data.
bool skip_block(BitReader& reader, const HuffmanDecoder& dc_table, const HuffmanDecoder& ac_table, int& dc);

}  // namespace springbok::image
