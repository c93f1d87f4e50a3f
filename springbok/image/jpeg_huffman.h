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
  Bits ready(Bits from) { return from.count >= kReady ? from : filled(from); }
  /// `from` with as many more bits as it takes. Cheaper than asking whether it needs any, where it mostly does.
  Bits filled(Bits from) {
    std::uint64_t word = 0;
    if (end_ - at_ >= 8) {
      std::memcpy(&word, at_, 8);
      constexpr std::uint64_t kOnes = 0x0101010101010101, kTops = 0x8080808080808080;
      if (((~word - kOnes) & word & kTops) == 0) {  // no byte is 0xFF
        at_ += (63 - from.count) >> 3;
        return {from.word | __builtin_bswap64(word) >> from.count, from.count | 56};
      }
    }
    return filled_bytewise(from);
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
  Bits filled_bytewise(Bits from);

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
    if (entry.length != 0) return entry;
    return entry.run != 0 ? valued(bits, entry.run, entry.value) : next_long(bits);
  }

  /// One AC symbol or two at once: two values, or one, or one and the end of the block, or the end. Where `k + reach`
  /// is past the block's last coefficient, `k` being the next one, look at the next symbol alone.
  struct Pair {
    std::int16_t first_value = 0;
    std::int8_t second_value = 0;
    std::uint8_t first = kToEnd, second = kToEnd;  ///< where the values stand, counted from `k`
    std::uint8_t advance = 0;                      ///< coefficients, and kToEnd at the end of the block
    std::uint8_t reach = kToEnd;
    std::uint8_t bits = 0;
  };
  Pair pair(Bits bits) const { return pairs_[bits.peek(kShort)]; }

 private:
  static constexpr int kShort = 10;
  void fill(int symbol, int code_length, std::uint32_t code);
  /// For each run of short_ behind `used` bits whose next symbol is known: `use(offset, size, symbol)`.
  void each_symbol(int used, const auto& use) const;
  void build_pairs();
  Entry next_long(Bits bits) const;
  Entry entry(int symbol, int code_length, std::uint32_t following, int following_bits) const;

  /// A symbol with a value, which follows its code.
  static Entry valued(Bits bits, int code_length, int symbol) {
    const int size = symbol & 15;
    const auto value = static_cast<std::int32_t>(bits.word << code_length >> (64 - size)), least = 1 << (size - 1);
    return {static_cast<std::int16_t>(value < least ? value - 2 * least + 1 : value),
            static_cast<std::uint8_t>(symbol >> 4), static_cast<std::uint8_t>(code_length + size)};
  }

  /// Where a code fits but its value does not, `length` is 0, `run` the code's length and `value` its symbol.
  std::array<Entry, 1 << kShort> short_;
  std::array<Pair, 1 << kShort> pairs_;
  std::array<std::uint32_t, 17> limit_;  // the first code of 16 bits that is longer than [length]
  std::array<int, 17> first_;            // what to add to a code of [length] to find its symbol
  HuffmanCodes codes_;
  Of of_ = Of::dc;
  bool built_ = false;  // for these codes
};

/// Decodes a block's coefficients, as they are stored, to their places in `out`, which must be zeros; `dc` is the last
/// block's and becomes this one's. False for damaged data.
bool decode_block(BitReader& reader, const HuffmanDecoder& dc_table, const HuffmanDecoder& ac_table, int& dc,
                  std::int16_t* out);

/// Passes over a block. False for damaged data.
bool skip_block(BitReader& reader, const HuffmanDecoder& dc_table, const HuffmanDecoder& ac_table, int& dc);

}  // namespace springbok::image
