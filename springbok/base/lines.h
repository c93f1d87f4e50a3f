// Text files that people write: one thing a line, whatever editor and system they come from.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace springbok {

/// The lines of a text without blanks around them; empty ones at the end are left out. A byte order mark is no part of
/// the first one, and lines end as on any system. Throws Error naming `where` for UTF-16 and for NUL bytes.
std::vector<std::string> lines_of(std::string_view text, const std::string& where);

/// The same of a file.
std::vector<std::string> read_lines(const std::filesystem::path& path);

/// Lines that name things: throws Error for an empty one among them and for a name that comes twice.
std::vector<std::string> names_of(std::string_view text, const std::string& where);
std::vector<std::string> read_names(const std::filesystem::path& path);

}  // namespace springbok
