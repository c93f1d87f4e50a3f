// UTF-8 validation (Unicode 15, table 3-7), and text made fit for messages.
#include "springbok/weights/bytes.h"

namespace springbok::weights {

namespace {

/// Bytes of the sequence that `lead` starts and the limits of its second byte; length 0 where it starts none.
struct Sequence {
  std::size_t length;
  unsigned char low, high;
};

Sequence sequence_of(unsigned char lead) {
  if (lead < 0x80) return {1, 0x80, 0xBF};
  if (lead >= 0xC2 && lead <= 0xDF) return {2, 0x80, 0xBF};
  if (lead == 0xE0) return {3, 0xA0, 0xBF};
  if (lead == 0xED) return {3, 0x80, 0x9F};
  if (lead >= 0xE1 && lead <= 0xEF) return {3, 0x80, 0xBF};
  if (lead == 0xF0) return {4, 0x90, 0xBF};
  if (lead >= 0xF1 && lead <= 0xF3) return {4, 0x80, 0xBF};
  if (lead == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

}  // namespace

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const Sequence sequence = sequence_of(static_cast<unsigned char>(text[at]));
    if (sequence.length == 0 || sequence.length > text.size() - at) return false;
    for (std::size_t i = 1; i < sequence.length; ++i) {
      const auto byte = static_cast<unsigned char>(text[at + i]);
      if (byte < (i == 1 ? sequence.low : 0x80) || byte > (i == 1 ? sequence.high : 0xBF)) return false;
    }
    at += sequence.length;
  }
  return true;
}

std::string printable(std::string_view text) {
  constexpr std::size_t kMost = 120;
  const bool cut = text.size() > kMost;
  std::string out(text.substr(0, kMost));
  const bool utf8 = is_utf8(text);
  for (char& c : out) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F || (byte >= 0x80 && (!utf8 || cut))) c = '?';
  }
  return cut ? out + "..." : out;
}

}  // namespace springbok::weights
