// Inside the room: images that a text file lists.
#pragma once

#include <filesystem>
#include <memory>

#include "springbok/data/source.h"

namespace springbok::data {

/// The images of `folder`/train.txt or val.txt: one `PATH CLASS` a line, paths relative to `folder` (they may hold
/// spaces), the class a name or a number. Class names: `classes.txt` beside it, else those in the file. Lines that are
/// empty or begin with # do not count. Throws Error naming file and line.
std::unique_ptr<Source> open_list(const std::filesystem::path& folder, Split split);

}  // namespace springbok::data
