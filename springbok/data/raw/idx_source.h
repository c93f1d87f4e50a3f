// Inside the room: the IDX files of the MNIST family.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "springbok/data/source/source.h"

namespace springbok::data {

/// The sets of IDX files at a path, as the user may name them. They are in the folder or its `raw/`, else in
/// `MNIST/raw`, `FashionMNIST/raw`, ... below it, as torchvision unpacks them. Those of EMNIST share a folder, and are
/// named by what their files' names begin with: `EMNIST/raw/emnist-letters`.
std::vector<std::string> idx_sets(const std::filesystem::path& path);

/// Whether the path is no folder, but such a beginning.
bool is_idx_prefix(const std::filesystem::path& path);

/// The images file of a split (`train-images-idx3-ubyte`, `t10k-images.idx3-ubyte`, ..., plain or .gz), or an empty
/// path. Throws Error where several sets lie.
std::filesystem::path find_idx_images(const std::filesystem::path& path, const Split& split);

/// The names that `find_idx_images` looks for, for messages.
std::string idx_names(const Split& split);

/// Reads a split whole into memory; a second split is the test, however it is called. Class names: `classes.txt` beside
/// the files; else those that torchvision's EMNIST has; else Fashion-MNIST's when the path contains `fashion`; else
/// "0", "1", ... Images are as in the file: EMNIST's lie on their side, in torchvision too. Throws Error with path and
/// counts for files that are no IDX, cut, or do not fit each other.
std::unique_ptr<Source> open_idx(const std::filesystem::path& path, const Split& split);

}  // namespace springbok::data
