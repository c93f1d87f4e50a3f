// The entropy-coded data of a baseline JPEG: bits to coefficients, one block at a time (ITU T.81, annex F.2.2).
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <span>

#include "springbok/image/jpeg_baseline.h"

namespace springbok::image {

/// Coded bits, from the highest on. After the data (a marker or the end of the file) come zeros, which `exhausted`
/// tells.
class BitReader {
 public:
  explicit BitReader(std::span<const std::byte> data)
      : at_(reinterpret_cast<const std::uint8_t*>(data.data())), end_(at_ + data.size()) {}

  /// At least `kReady` bits are there afterwards: one symbol with its value.
  static constexpr int kReady = 32;
  void ready() {
    if (count_ < kReady) refill();
  }
  std::uint32_t peek(int bits) const { return static_cast<std::uint32_t>(bits_ >> (64 - bits)); }
  void drop(int bits) {
    bits_ <<= bits;
    count_ -= bits;
  }
  /// Whether bits behind the data have been used.
  bool exhausted() const { return count_ < invented_; }

  /// Passes the restart marker that must come next, the `number`-th modulo 8. False when it does not.
  bool restart(int number);
  /// The bytes not yet looked at.
  std::span<const std::byte> rest() const {
    return {reinterpret_cast<const std::byte*>(at_), static_cast<std::size_t>(end_ - at_)};
  }

 private:
  void refill() {
    std::uint64_t word = 0;
    if (end_ - at_ >= 8) {
      std::memcpy(&word, at_, 8);
      constexpr std::uint64_t kOnes = 0x0101010101010101, kTops = 0x8080808080808080;
      if (((~word - kOnes) & word & kTops) == 0) {  // no byte is 0xFF
        bits_ |= __builtin_bswap64(word) >> count_;
        at_ += (63 - count_) >> 3;
        count_ |= 56;
        return;
      }
    }
    refill_bytewise();
  }
  void refill_bytewise();

  const std::uint8_t *at_, *end_;
  std::uint64_t bits_ = 0;
  int count_ = 0;
  int invented_ = 0;
};

/// One table, ready for decoding: short codes are looked up together with the value that follows them.
class HuffmanDecoder {
 public:
  enum class Of : std::uint8_t { dc, ac };

  /// False when the codes are none that a file may have.
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
  Entry next(const BitReader& bits) const {
    const Entry entry = short_[bits.peek(kShort)];
    return entry.length != 0 ? entry : next_long(bits);
  }

 private:
  static constexpr int kShort = 10;
  Entry next_long(const BitReader& bits) const;
  Entry entry(int symbol, int code_length, std::uint32_t following, int following_bits) const;

  std::array<Entry, 1 << kShort> short_;
  std::array<std::uint32_t, 17> limit_;  // the first code of 16 bits that is longer than [length]
  std::array<int, 17> first_;            // what to add to a code of [length] to find its symbol
  const HuffmanCodes* codes_ = nullptr;
  Of of_ = Of::dc;
};

/// Decodes a block's coefficients, times their steps, to their places in `out`, which must be zeros; `dc` is the last
/// block's and becomes this one's. Returns how far they reach in zigzag order (1: DC alone), or 0 for damaged data.
int decode_block(BitReader& bits, const HuffmanDecoder& dc_table, const HuffmanDecoder& ac_table,
                 const std::array<std::uint16_t, 64>& steps, int& dc, std::int16_t* out);

/// Passes over a block. False for damaged data.
bool skip_block(BitReader& bits, const HuffmanDecoder& dc_table, const HuffmanDecoder& ac_table, int& dc);

}  // namespace springbok::image
