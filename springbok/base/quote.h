// Texts from outside (names of files and classes, words of users, what other programs say), fit to be shown: the one
// place where they are quoted.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace springbok {

/// Whether the text is UTF-8 (Unicode 15, table 3-7).
bool is_utf8(std::string_view text);

/// The text as UTF-8 without anything that moves a terminal's cursor or ends a line. Each byte of a control character
/// (C0, DEL, C1, line and paragraph separators, those that turn the writing direction) and each byte that is no UTF-8
/// becomes `\xE9`. All else stays, backslashes too, so that doing it twice is doing it once.
std::string printable(std::string_view text);

/// The bytes that `printable` made a text of: each `\xE9` whose byte it would have written so. A name that held such a
/// text from the start is not told apart.
std::string printed_bytes(std::string_view text);

/// `printable`, and where that is longer than `most` bytes (at least 100) its beginning and end, with the number of
/// bytes left out.
std::string shortened(std::string_view text, std::size_t most = 200);

/// A message of ours: `shortened` to a length that no terminal drowns in.
std::string one_line(std::string_view message);

}  // namespace springbok
