// The entropy-coded data of a baseline JPEG: bits to coefficients.
#include "springbok/image/jpeg_huffman.h"

#include <algorithm>
#include <cstdlib>
#include <limits>

namespace springbok::image {

Bits BitReader::ready_bytewise(Bits from) {
  while (from.count <= 56) {
    std::uint64_t byte = 0;
    if (at_ == end_ || (*at_ == 0xFF && (at_ + 1 == end_ || at_[1] != 0))) {
      invented_ += 8;  // a marker or the end: zeros from here on
    } else {
      byte = *at_;
      at_ += byte == 0xFF ? 2 : 1;  // a stuffed zero follows
    }
    from.word |= byte << (56 - from.count);
    from.count += 8;
  }
  return from;
}

bool BitReader::at(int marker) const {
  if (bits.count - invented_ >= 8 || exhausted()) return false;  // whole bytes left over, or too few
  return end_ - at_ >= 2 && at_[0] == 0xFF && at_[1] == marker;
}

bool BitReader::restart(int number) {
  if (!at(restart_marker(number))) return false;
  at_ += 2;
  bits = {};
  invented_ = 0;
  return true;
}

HuffmanDecoder::Entry HuffmanDecoder::entry(int symbol, int code_length, std::uint32_t following,
                                            int following_bits) const {
  constexpr int kSixteenZeros = 0xF0, kMostValueBits = 15;
  const int size = of_ == Of::dc ? symbol : symbol & 15;
  Entry entry;
  if (of_ == Of::ac) {
    entry.run = static_cast<std::uint8_t>(symbol == kSixteenZeros ? 16 : size == 0 ? kToEnd : symbol >> 4);
  }
  if (size > kMostValueBits || size > following_bits) return {};
  if (size > 0) {
    const auto value = static_cast<std::int32_t>(following >> (following_bits - size));
    entry.value = static_cast<std::int16_t>(value < (1 << (size - 1)) ? value - (1 << size) + 1 : value);
  }
  entry.length = static_cast<std::uint8_t>(code_length + size);
  return entry;
}

/// All entries that begin with one code.
void HuffmanDecoder::fill(int symbol, int code_length, std::uint32_t code) {
  const int spare = kShort - code_length, size = of_ == Of::dc ? symbol : symbol & 15;
  Entry* const to = &short_[code << spare];
  if (size > spare) {
    const Entry too_long{static_cast<std::int16_t>(symbol), static_cast<std::uint8_t>(code_length), 0};
    std::fill_n(to, std::size_t{1} << spare, too_long);
    return;
  }
  const std::size_t same = std::size_t{1} << (spare - size);
  for (std::uint32_t value = 0; value < (1U << size); ++value) {
    std::fill_n(to + value * same, same, entry(symbol, code_length, value, size));
  }
}

bool HuffmanDecoder::build(const HuffmanCodes& codes, Of of) {
  if (built_ && of == of_ && codes == codes_) return true;
  built_ = false;
  codes_ = codes;
  of_ = of;
  short_.fill({});
  std::uint32_t code = 0;
  int symbol = 0;
  for (int length = 1; length <= 16; ++length, code <<= 1) {
    const auto at = static_cast<std::size_t>(length);
    first_[at] = symbol - static_cast<int>(code);
    for (int i = 0; i < codes.count[at]; ++i, ++code, ++symbol) {
      if (code >= (1U << length)) return false;
      if (length <= kShort) fill(codes.symbols[static_cast<std::size_t>(symbol)], length, code);
    }
    limit_[at] = code << (16 - length);
  }
  if (of == Of::ac) build_skips();
  built_ = true;
  return true;
}

void HuffmanDecoder::build_skips() {
  for (std::uint32_t bits = 0; bits < skips_.size(); ++bits) {
    Skip all;
    while (all.coefficients < kToEnd) {
      const Entry entry = short_[(bits << all.bits) & ((1U << kShort) - 1)];
      const int coefficients = all.coefficients + entry.run + (entry.value != 0 ? 1 : 0);
      if (entry.length == 0 || all.bits + entry.length > kShort) break;
      if (entry.run != kToEnd && coefficients >= kToEnd) break;
      all.bits = static_cast<std::uint8_t>(all.bits + entry.length);
      all.coefficients = static_cast<std::uint8_t>(coefficients);
    }
    skips_[bits] = all;
  }
}

HuffmanDecoder::Entry HuffmanDecoder::next_long(Bits bits, Entry found) const {
  constexpr int kFollowing = BitReader::kReady - 16;
  int length = found.run, symbol = found.value;
  if (length == 0) {
    const std::uint32_t code = bits.peek(16);
    length = kShort + 1;
    while (length <= 16 && code >= limit_[static_cast<std::size_t>(length)]) ++length;
    if (length > 16) return {};
    const int at = static_cast<int>(code >> (16 - length)) + first_[static_cast<std::size_t>(length)];
    symbol = codes_.symbols[static_cast<std::size_t>(at)];
  }
  const std::uint32_t following = bits.peek(length + kFollowing) & ((1U << kFollowing) - 1);
  return entry(symbol, length, following, kFollowing);
}

namespace {

/// The difference of DC coefficients is added to `dc`. False for damaged data.
inline bool decode_dc(BitReader& reader, Bits& bits, const HuffmanDecoder& table, int& dc) {
  bits = reader.ready(bits);
  constexpr int kMost = 1 << 16;  // no sample needs so much, and sums of no file overflow
  const HuffmanDecoder::Entry entry = table.next(bits);
  bits.drop(entry.length);
  dc += entry.value;
  return entry.length != 0 && dc > -kMost && dc < kMost;
}

// The transform's sums of 16 bits hold what any two columns add up to, to this; samples of 8 bits need up to 4096 and
// what quantisation rounds. A whole block seldom has more.
constexpr int kMostOfColumns = 5900;

/// Whether the transform is exact. Only made-up files have other coefficients.
bool columns_fit(const std::int16_t* block, int sum) {
  if (sum > std::numeric_limits<std::int16_t>::max()) return false;  // some may not even have kept their 16 bits
  std::array<int, 8> sums{};
  for (std::size_t i = 0; i < 64; ++i) sums[i % 8] += std::abs(int{block[i]});
  const auto fit = [&](std::size_t a, std::size_t b) { return sums[a] + sums[b] <= kMostOfColumns; };
  return fit(0, 4) && fit(2, 6) && fit(1, 5) && fit(3, 7);
}

}  // namespace

int decode_block(BitReader& reader, const HuffmanDecoder& dc_table, const HuffmanDecoder& ac_table,
                 const std::array<std::uint16_t, 64>& steps, int& dc, std::int16_t* out) {
  Bits bits = reader.bits;
  if (!decode_dc(reader, bits, dc_table, dc)) return 0;
  int value = dc * steps[0], sum = std::abs(value);
  out[0] = static_cast<std::int16_t>(value);
  int reach = 1;
  for (unsigned k = 1; k < 64;) {
    bits = reader.ready(bits);
    const HuffmanDecoder::Entry entry = ac_table.next(bits);
    if (entry.length == 0) return 0;
    bits.drop(entry.length);
    k += entry.run;
    if (entry.value == 0) continue;
    if (k > 63) return 0;
    value = entry.value * steps[k];
    sum += std::abs(value);
    out[kZigzag[k]] = static_cast<std::int16_t>(value);
    reach = static_cast<int>(++k);
  }
  reader.bits = bits;
  return sum <= kMostOfColumns || columns_fit(out, sum) ? reach : 0;
}

bool skip_block(BitReader& reader, const HuffmanDecoder& dc_table, const HuffmanDecoder& ac_table, int& dc) {
  Bits bits = reader.bits;
  if (!decode_dc(reader, bits, dc_table, dc)) return false;
  for (unsigned k = 1; k < 64;) {
    bits = reader.ready(bits);
    const HuffmanDecoder::Skip several = ac_table.skip(bits);
    // A block may be full before an end is said: what follows then is another block's.
    const unsigned before_end = several.coefficients % HuffmanDecoder::kToEnd;
    if (several.bits != 0 && k + before_end <= (before_end == several.coefficients ? 64 : 63)) {
      bits.drop(several.bits);
      k += several.coefficients;
      continue;
    }
    const HuffmanDecoder::Entry entry = ac_table.next(bits);
    if (entry.length == 0) return false;
    bits.drop(entry.length);
    k += entry.run + (entry.value != 0 ? 1U : 0U);
  }
  reader.bits = bits;
  return true;
}

}  // namespace springbok::image
