// Text formatting: the one place that picks a fmt. Header-only, so files with ATen may use the wheel's copy.
#pragma once

#ifndef FMT_HEADER_ONLY
#define FMT_HEADER_ONLY
#endif
#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace springbok {

using fmt::format;

/// `1234567` -> `1,234,567`.
std::string with_commas(std::int64_t value);

/// Bytes for people: `109 B`, `122.4 KB`, `3.1 GB` (powers of 1,000).
std::string human_bytes(std::uint64_t bytes);

/// Seconds for people: `8.3s`, `4m 05s`, `2h 07m`.
std::string human_seconds(double seconds);

/// The one of `known` closest to `word` by edit distance, or "" when none is close enough to be a typo of it.
std::string closest(std::string_view word, const std::vector<std::string>& known);

/// `{"a","b"}` -> `a, b`.
std::string join(const std::vector<std::string>& parts, std::string_view separator = ", ");

/// The first `most` parts, and how many more there are: `a, b and 3 more`.
std::string join_first(std::vector<std::string> parts, std::size_t most = 5);

}  // namespace springbok
