// Quoting texts from outside.
#include "springbok/base/quote.h"

#include <array>
#include <utility>

#include "springbok/base/error.h"

namespace springbok {
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

/// Length of the character that `text` begins with; 0 where it is no UTF-8. `text` is not empty.
std::size_t character(std::string_view text) {
  const Sequence sequence = sequence_of(static_cast<unsigned char>(text.front()));
  if (sequence.length == 0 || sequence.length > text.size()) return 0;
  for (std::size_t i = 1; i < sequence.length; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < (i == 1 ? sequence.low : 0x80) || byte > (i == 1 ? sequence.high : 0xBF)) return 0;
  }
  return sequence.length;
}

/// Whether a whole character is one that must not reach a terminal.
bool is_control(std::string_view character) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(character[at]); };
  if (character.size() == 1) return byte(0) < 0x20 || byte(0) == 0x7F;
  if (character.size() == 2) return byte(0) == 0xC2 && byte(1) < 0xA0;
  if (character.size() != 3 || byte(0) != 0xE2) return false;
  if (byte(1) == 0x80) return byte(2) >= 0xA8 && byte(2) <= 0xAE;  // U+2028 to U+202E
  return byte(1) == 0x81 && byte(2) >= 0xA6 && byte(2) <= 0xA9;    // U+2066 to U+2069
}

/// How many bytes at the start of `text` stand as they are (first), or must be written as hex (second).
std::pair<std::size_t, std::size_t> next(std::string_view text) {
  const std::size_t length = character(text);
  if (length == 0) return {0, 1};
  return is_control(text.substr(0, length)) ? std::pair(std::size_t{0}, length) : std::pair(length, std::size_t{0});
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// The byte of `\xE9` at the start of `text`, or -1.
int escaped_byte(std::string_view text) {
  if (text.size() < 4 || text[0] != '\\' || text[1] != 'x') return -1;
  const int high = hex_digit(text[2]), low = hex_digit(text[3]);
  return high < 0 || low < 0 ? -1 : 16 * high + low;
}

/// Where a cut at `at` or before splits neither a character nor an escape of printable text.
std::size_t whole_until(std::string_view text, std::size_t at) {
  while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
  for (std::size_t back = 1; back < 4 && back <= at; ++back) {
    if (escaped_byte(text.substr(at - back)) >= 0) return at - back;
  }
  return at;
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = character(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string printable(std::string_view text) {
  static constexpr std::array kHex{'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'};
  std::string shown;
  shown.reserve(text.size());
  while (!text.empty()) {
    const auto [kept, escaped] = next(text);
    shown += text.substr(0, kept);
    for (std::size_t i = 0; i < escaped; ++i) {
      const auto byte = static_cast<unsigned char>(text[i]);
      shown += {'\\', 'x', kHex[byte / 16], kHex[byte % 16]};
    }
    text.remove_prefix(kept + escaped);
  }
  return shown;
}

std::string printed_bytes(std::string_view text) {
  std::string bytes;
  while (!text.empty()) {
    const int byte = escaped_byte(text);
    const bool control = (byte >= 0 && byte < 0x20) || byte == 0x7F;
    const bool ours = control || byte >= 0x80;  // what is neither is never written as an escape
    bytes += ours ? static_cast<char>(byte) : text.front();
    text.remove_prefix(ours ? 4 : 1);
  }
  return bytes;
}

std::string shortened(std::string_view text, std::size_t most) {
  constexpr std::size_t kMark = 48;  // more than what stands in the middle, so that a shortened text is short enough
  std::string shown = printable(text);
  if (shown.size() <= most) return shown;
  const std::size_t kept = most - kMark;
  const std::size_t head = whole_until(shown, kept * 3 / 4), tail = whole_until(shown, shown.size() - kept / 4);
  return format("{}...({} bytes)...{}", shown.substr(0, head), with_commas(static_cast<std::int64_t>(tail - head)),
                shown.substr(tail));
}

std::string one_line(std::string_view message) {
  constexpr std::size_t kMost = 2000;
  return shortened(message, kMost);
}

Error::Error(const std::string& message) : std::runtime_error(one_line(message)) {}

}  // namespace springbok
