// Inside the room: what tar shards hold, and the index that keeps it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "springbok/data/shards/shard_files.h"
#include "springbok/data/shards/shard_scan.h"

namespace springbok::data {

/// How shards are indexed.
struct ShardIndexSettings {
  bool rescan = false;                  ///< read all headers; so does $SPRINGBOK_RESCAN
  NameRule rule = NameRule::first_dot;  ///< each has an index of its own
  /// Fewer samples on a disk are read faster than looked up, and have no index; shards on a server always have one.
  std::int64_t least_samples = 4096;
};

/// The samples of all shards, and what the index had to do with it.
struct IndexedShards {
  std::vector<ShardSamples> shards;
  std::int64_t read = 0;        ///< shards whose headers were read; the others are as they were the last time
  std::filesystem::path index;  ///< the file; empty when there is none
};

/// Reads the headers of all shards. `place` names the split: a folder or an address. Shards with the stamp that the
/// index has for them are taken from it. What holds of an index that cannot be used or written, holds as for
/// indexed_tree; shards with a problem are not kept. Throws the Errors of `scan_shard`.
IndexedShards indexed_shards(const ShardFiles& files, const std::string& place,
                             const ShardIndexSettings& settings = {});

}  // namespace springbok::data
