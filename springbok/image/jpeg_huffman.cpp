// The entropy-coded data of a baseline JPEG: bits to coefficients.
#include "springbok/image/jpeg_huffman.h"

namespace springbok::image {

void BitReader::refill_bytewise() {
  while (count_ <= 56) {
    std::uint64_t byte = 0;
    if (at_ == end_ || (*at_ == 0xFF && (at_ + 1 == end_ || at_[1] != 0))) {
      invented_ += 8;  // a marker or the end: zeros from here on
    } else {
      byte = *at_;
      at_ += byte == 0xFF ? 2 : 1;  // a stuffed zero follows
    }
    bits_ |= byte << (56 - count_);
    count_ += 8;
  }
}

bool BitReader::restart(int number) {
  constexpr int kRestart = 0xD0;
  if (count_ - invented_ >= 8 || exhausted()) return false;  // whole bytes left over, or too few
  if (end_ - at_ < 2 || at_[0] != 0xFF || at_[1] != kRestart + number % 8) return false;
  at_ += 2;
  bits_ = 0;
  count_ = invented_ = 0;
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

bool HuffmanDecoder::build(const HuffmanCodes& codes, Of of) {
  codes_ = &codes;
  of_ = of;
  short_.fill({});
  std::uint32_t code = 0;
  int symbol = 0;
  for (int length = 1; length <= 16; ++length, code <<= 1) {
    const auto at = static_cast<std::size_t>(length);
    first_[at] = symbol - static_cast<int>(code);
    for (int i = 0; i < codes.count[at]; ++i, ++code, ++symbol) {
      if (code >= (1U << length)) return false;
      if (length > kShort) continue;
      const int spare = kShort - length;
      for (std::uint32_t rest = 0; rest < (1U << spare); ++rest) {
        short_[(code << spare) + rest] = entry(codes.symbols[static_cast<std::size_t>(symbol)], length, rest, spare);
      }
    }
    limit_[at] = code << (16 - length);
  }
  return true;
}

HuffmanDecoder::Entry HuffmanDecoder::next_long(const BitReader& bits) const {
  const std::uint32_t code = bits.peek(16);
  for (int length = 1; length <= 16; ++length) {
    if (code >= limit_[static_cast<std::size_t>(length)]) continue;
    const int symbol = static_cast<int>(code >> (16 - length)) + first_[static_cast<std::size_t>(length)];
    constexpr int kFollowing = BitReader::kReady - 16;
    const std::uint32_t following = bits.peek(length + kFollowing) & ((1U << kFollowing) - 1);
    return entry(codes_->symbols[static_cast<std::size_t>(symbol)], length, following, kFollowing);
  }
  return {};
}

namespace {

/// The difference of DC coefficients is added to `dc`. False for damaged data.
bool decode_dc(BitReader& bits, const HuffmanDecoder& table, int& dc) {
  bits.ready();
  const HuffmanDecoder::Entry entry = table.next(bits);
  bits.drop(entry.length);
  dc += entry.value;
  return entry.length != 0;
}

}  // namespace

int decode_block(BitReader& bits, const HuffmanDecoder& dc_table, const HuffmanDecoder& ac_table,
                 const std::array<std::uint16_t, 64>& steps, int& dc, std::int16_t* out) {
  if (!decode_dc(bits, dc_table, dc)) return 0;
  out[0] = static_cast<std::int16_t>(dc * steps[0]);
  int reach = 1;
  for (unsigned k = 1; k < 64;) {
    bits.ready();
    const HuffmanDecoder::Entry entry = ac_table.next(bits);
    if (entry.length == 0) return 0;
    bits.drop(entry.length);
    k += entry.run;
    if (entry.value == 0) continue;
    if (k > 63) return 0;
    out[kZigzag[k]] = static_cast<std::int16_t>(entry.value * steps[k]);
    reach = static_cast<int>(++k);
  }
  return reach;
}

bool skip_block(BitReader& bits, const HuffmanDecoder& dc_table, const HuffmanDecoder& ac_table, int& dc) {
  if (!decode_dc(bits, dc_table, dc)) return false;
  for (unsigned k = 1; k < 64;) {
    bits.ready();
    const HuffmanDecoder::Entry entry = ac_table.next(bits);
    if (entry.length == 0) return false;
    bits.drop(entry.length);
    k += entry.run + (entry.value != 0 ? 1U : 0U);
  }
  return true;
}

}  // namespace springbok::image
