// Inside the room: packed data sets, one file a split.
#pragma once

#include <filesystem>
#include <memory>

#include "springbok/data/source/source.h"

namespace springbok::data {

/// `folder`/train.pack or val.pack, as `write_pack` (data/pack/pack.h) writes them. Names, classes, targets and the
/// digest are those of the source that was packed, so that a run begun on one can go on with the other. Throws Error
/// naming file and place: a file that is cut or damaged, and one of another version.
std::unique_ptr<Source> open_pack(const std::filesystem::path& folder, const Split& split);

/// Whether the folder holds a packed data set of the split.
bool has_pack(const std::filesystem::path& folder, const Split& split);

/// `train.pack`, `val.pack`.
std::filesystem::path pack_file(const std::filesystem::path& folder, const Split& split);

}  // namespace springbok::data
