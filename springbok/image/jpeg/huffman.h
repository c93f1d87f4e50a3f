// The entropy-coded data of a baseline JPEG: bits to coefficients, one block at a time (ITU T.81, annex F.2.2).
#pragma once

#include <array>
#include <cstdint>

#include "springbok/image/jpeg/baseline.h"
#include "springbok/image/jpeg/bits.h"

namespace springbok::image {

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

/// All tables of a file, kept from file to file.
class HuffmanTables {
 public:
  /// False when the file has codes that none may have.
  bool build(const BaselineJpeg& jpeg);

  const HuffmanDecoder& dc(const BaselineJpeg& jpeg, const BaselineComponent& component) const {
    return dc_[static_cast<std::size_t>(component.dc - jpeg.dc_codes.data())];
  }
  const HuffmanDecoder& ac(const BaselineJpeg& jpeg, const BaselineComponent& component) const {
    return ac_[static_cast<std::size_t>(component.ac - jpeg.ac_codes.data())];
  }

 private:
  std::array<HuffmanDecoder, 4> dc_, ac_;
};

/// Decodes a block's coefficients, as they are stored, to their places in `out`, which must be zeros; `dc` is the last
/// block's and becomes this one's. False for damaged data.
bool decode_block(BitReader& reader, const HuffmanDecoder& dc_table, const HuffmanDecoder& ac_table, int& dc,
                  std::int16_t* out);

/// Passes over a block. False for damaged data.
bool skip_block(BitReader& reader, const HuffmanDecoder& dc_table, const HuffmanDecoder& ac_table, int& dc);

}  // namespace springbok::image
