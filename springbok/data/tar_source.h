// Inside the room: WebDataset shards, tar files whose members belong together by name.
#pragma once

#include <filesystem>
#include <memory>

#include "springbok/data/source.h"

namespace springbok::data {

/// The samples of the *.tar files of `folder`/train or val, shards in the order of their names: members with one name
/// up to its first dot (`0001.jpg`, `0001.cls`), one an image, one a class (`cls`: a number; `cls.txt`, `txt`: a number
/// or a name). Class names from `folder`/classes.txt, else those in the shards. Only headers are read at the start, and
/// those of shards that are as the last time come from an index (shard_samples.h).
/// `folder` may be an address, or its split may list addresses in shards.txt: those shards are read in parts over
/// HTTP. Throws Error naming shard and member: a header that is none, a shard that is cut, a sample without image or
/// class.
std::unique_ptr<Source> open_tar(const std::filesystem::path& folder, Split split, const OpenSettings& settings);

/// Whether the folder of the split holds *.tar files.
bool has_shards(const std::filesystem::path& folder, Split split);

}  // namespace springbok::data
