// The entropy-coded data of a baseline JPEG: bits to coefficients.
#include "springbok/image/jpeg/huffman.h"

#include <algorithm>

namespace springbok::image {

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
  constexpr int kMostOfDc = 15;
  std::uint32_t code = 0;
  int symbol = 0;
  for (int length = 1; length <= 16; ++length, code <<= 1) {
    const auto at = static_cast<std::size_t>(length);
    first_[at] = symbol - static_cast<int>(code);
    for (int i = 0; i < codes.count[at]; ++i, ++code, ++symbol) {
      if (code >= (1U << length)) return false;
      if (of == Of::dc && codes.symbols[static_cast<std::size_t>(symbol)] > kMostOfDc) return false;
      if (length <= kShort) fill(codes.symbols[static_cast<std::size_t>(symbol)], length, code);
    }
    limit_[at] = code << (16 - length);
  }
  if (of == Of::ac) build_pairs();
  built_ = true;
  return true;
}

void HuffmanDecoder::each_symbol(int used, const auto& use) const {
  const std::size_t all = pairs_.size() >> used;
  for (std::size_t offset = 0; offset < all;) {
    const Entry symbol = short_[offset << used];
    const std::size_t size = symbol.length == 0 ? 0 : all >> symbol.length;
    if (size > 0) use(offset, size, symbol);
    offset += std::max<std::size_t>(size, 1);
  }
}

void HuffmanDecoder::build_pairs() {
  pairs_.fill({});
  each_symbol(0, [&](std::size_t start, std::size_t size, Entry first) {
    if (first.run == kToEnd) {
      std::fill_n(&pairs_[start], size, Pair{.advance = kToEnd, .reach = 0, .bits = first.length});
    }
    if (first.value == 0) return;  // 16 zeros are looked at alone
    const Pair one{.first_value = first.value,
                   .first = first.run,
                   .advance = static_cast<std::uint8_t>(first.run + 1),
                   .reach = first.run,
                   .bits = first.length};
    std::fill_n(&pairs_[start], size, one);
    each_symbol(first.length, [&](std::size_t offset, std::size_t same, Entry second) {
      if (second.value == 0 && second.run != kToEnd) return;
      Pair pair = one;
      const auto place = static_cast<std::uint8_t>(one.advance + second.run);
      pair.bits = static_cast<std::uint8_t>(first.length + second.length);
      pair.reach = second.run == kToEnd ? one.advance : place;
      pair.advance = static_cast<std::uint8_t>(second.run == kToEnd ? place : place + 1);
      pair.second = second.run == kToEnd ? std::uint8_t{kToEnd} : place;
      pair.second_value = static_cast<std::int8_t>(second.value);  // of 7 bits at most
      std::fill_n(&pairs_[start + offset], same, pair);
    });
  });
}

HuffmanDecoder::Entry HuffmanDecoder::next_long(Bits bits) const {
  constexpr int kFollowing = BitReader::kReady - 16;
  const std::uint32_t code = bits.peek(16);
  int length = kShort + 1;
  while (length <= 16 && code >= limit_[static_cast<std::size_t>(length)]) ++length;
  if (length > 16) return {};
  const int at = static_cast<int>(code >> (16 - length)) + first_[static_cast<std::size_t>(length)];
  const std::uint32_t following = bits.peek(length + kFollowing) & ((1U << kFollowing) - 1);
  return entry(codes_.symbols[static_cast<std::size_t>(at)], length, following, kFollowing);
}

bool HuffmanTables::build(const BaselineJpeg& jpeg) {
  for (std::size_t i = 0; i < dc_.size(); ++i) {
    if (jpeg.dc_codes[i].given && !dc_[i].build(jpeg.dc_codes[i], HuffmanDecoder::Of::dc)) return false;
    if (jpeg.ac_codes[i].given && !ac_[i].build(jpeg.ac_codes[i], HuffmanDecoder::Of::ac)) return false;
  }
  return true;
}

namespace {

/// The difference of DC coefficients is added to `dc`. False for damaged data.
inline bool decode_dc(BitReader& reader, Bits& bits, const HuffmanDecoder& table, int& dc) {
  bits = reader.ready(bits);
  constexpr int kMost = 1 << 15;  // no sample needs so much
  const HuffmanDecoder::Entry entry = table.next(bits);
  bits.drop(entry.length);
  dc += entry.value;
  return entry.length != 0 && dc > -kMost && dc < kMost;
}

/// Where the k-th coefficient goes. Those beyond a block, which a pair does not have, go to DC's place, which is filled
/// at last.
constexpr std::array<std::uint8_t, 128> kPlaces = [] {
  std::array<std::uint8_t, 128> places{};
  std::copy(kZigzag.begin(), kZigzag.end(), places.begin());
  return places;
}();

/// The AC symbols of a block. `put(k, value)` gets its coefficients, and values of 0 at 64 and beyond. False for
/// damaged data.
inline bool each_coefficient(BitReader& reader, Bits bits, const HuffmanDecoder& table, const auto& put) {
  constexpr int kPairs = 5;  // that a filled word holds for sure
  for (unsigned k = 1; k < 64;) {
    bits = reader.filled(bits);
    HuffmanDecoder::Pair pair;
    int left = kPairs;
    for (; left > 0 && k + (pair = table.pair(bits)).reach < 64; --left) {
      bits.drop(pair.bits);
      put(k + pair.first, pair.first_value);
      put(k + pair.second, pair.second_value);
      k += pair.advance;
    }
    if (left == 0 || k >= 64) continue;
    bits = reader.ready(bits);
    const HuffmanDecoder::Entry entry = table.next(bits);
    if (entry.length == 0) return false;
    bits.drop(entry.length);
    k += entry.run;
    if (entry.value == 0) continue;
    if (k > 63) return false;
    put(k++, entry.value);
  }
  reader.bits = bits;
  return true;
}

}  // namespace

bool decode_block(BitReader& reader, const HuffmanDecoder& dc_table, const HuffmanDecoder& ac_table, int& dc,
                  std::int16_t* out) {
  Bits bits = reader.bits;
  if (!decode_dc(reader, bits, dc_table, dc)) return false;
  const bool good =
      each_coefficient(reader, bits, ac_table, [out](unsigned k, std::int16_t value) { out[kPlaces[k]] = value; });
  out[0] = static_cast<std::int16_t>(dc);
  return good;
}

bool skip_block(BitReader& reader, const HuffmanDecoder& dc_table, const HuffmanDecoder& ac_table, int& dc) {
  Bits bits = reader.bits;
  return decode_dc(reader, bits, dc_table, dc) &&
         each_coefficient(reader, bits, ac_table, [](unsigned, std::int16_t) {});
}

}  // namespace springbok::image
