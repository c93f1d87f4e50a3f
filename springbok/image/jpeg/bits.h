// The entropy-coded data of a baseline JPEG as a row of bits, stuffed zeros left out (ITU T.81, F.1.2.3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

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

}  // namespace springbok::image
