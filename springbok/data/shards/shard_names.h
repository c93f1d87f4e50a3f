// Inside the room: which files are the shards of a split: by their names in a folder, or by the ranges of a list.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "springbok/data/folder/image_names.h"
#include "springbok/data/source/source.h"

namespace springbok::data {

/// A to Z become a to z.
std::string lower_case(std::string text);

/// The shards of a split in a folder.
struct LocalShardNames {
  std::vector<std::string> names;  ///< relative to the folder: `train/0.tar`, or `set-train-0.tar`
  std::string place;               ///< where they were looked for: `FOLDER/train`, or `FOLDER/*train*.tar`
  bool beside_folders = false;     ///< lie beside folders that are no splits, and so may be no data set
  LeftOut left_out;                ///< other files there
};

/// `folder`/SPLIT/*.tar, by name. In a folder without folders of splits, its own *.tar files with the split, for `val`
/// also `valid` or `validation`, as a word of their names. Compressed ones count as shards, so that they are named when
/// they are read, but for those whose unpacked twin lies beside them.
LocalShardNames find_local_shards(const std::filesystem::path& folder, const Split& split);

/// What a list of shards may stand for: more would be a mistake, and take all memory.
inline constexpr std::uint64_t kMostShards = 1'000'000, kMostShardBytes = std::uint64_t{256} << 20;

/// `a-{08..10}.tar` -> a-08.tar, a-09.tar, a-10.tar; several ranges give all combinations. Throws Error for a range
/// that is none, and for more than kMostShards names or kMostShardBytes of them.
std::vector<std::string> expand_ranges(const std::string& pattern);

}  // namespace springbok::data
