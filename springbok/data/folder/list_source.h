// Inside the room: images that a text file lists.
#pragma once

#include <filesystem>
#include <memory>

#include "springbok/data/source/source.h"

namespace springbok::data {

/// The file that lists a split, and whether it is there.
std::filesystem::path list_file(const std::filesystem::path& folder, const Split& split);
bool has_list(const std::filesystem::path& folder, const Split& split);

/// The images of `folder`/train.txt or val.txt: one `PATH CLASS` a line (list_lines.h), paths relative to `folder`, the
/// class a name or a number. Class names: `classes.txt` beside it, else those in the file. Throws Error naming file and
/// line.
std::unique_ptr<Source> open_list(const std::filesystem::path& folder, const Split& split);

}  // namespace springbok::data
