// Inside the room: the IDX files of the MNIST family.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "springbok/data/source.h"

namespace springbok::data {

/// The images file of a split in `folder` or `folder`/raw (`train-images-idx3-ubyte`, `t10k-images.idx3-ubyte`, ...,
/// plain or .gz), or an empty path.
std::filesystem::path find_idx_images(const std::filesystem::path& folder, Split split);

/// The names that `find_idx_images` looks for, for messages.
std::string idx_names(Split split);

/// Reads a split whole into memory. Class names: `classes.txt` beside the files (one a line); else Fashion-MNIST's when
/// the path contains `fashion`; else "0", "1", ... Throws Error with path and counts for files that are no IDX, cut, or
/// do not fit each other.
std::unique_ptr<Source> open_idx(const std::filesystem::path& folder, Split split);

}  // namespace springbok::data
