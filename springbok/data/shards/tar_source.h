// Inside the room: WebDataset shards, tar files whose members belong together by name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "springbok/data/source/source.h"

namespace springbok::data {

/// Where the name of a member ends and its ending begins, when its base name has several dots.
enum class TarNames : std::uint8_t {
  fitting,    ///< at the first dot, or at the last one when that rule leaves images out and this gives all a class
  first_dot,  ///< WebDataset's rule
  last_dot
};

/// The samples of the *.tar files of `folder`/train or val, or of the split's in `folder` (shard_names.h), shards in
/// the order of their names. Members of one name (`0001.jpg`, `0001.cls`) make a sample: an image and a class. The
/// class is in the first of kLabelEndings (shard_scan.h) that a sample has, a number or a name; in a `json` it is
/// `label`, `cls`, `class` or `class_name`. Class names come from `folder`/classes.txt, else from the labels. The
/// description says from which endings the classes come, which rule of names was taken where two were possible, and
/// what was left out. Only headers and labels are read at the start, and those of shards that are as the last time come
/// from an index (shard_samples.h). `folder` may be an address, or its split may list addresses in shards.txt: those
/// shards are read in parts over HTTP. Throws Error naming shard and member: a header that is none, a shard that is cut
/// or compressed. So it does for a name that is there twice, and for a sample without image or class.
std::unique_ptr<Source> open_tar(const std::filesystem::path& folder, const Split& split, const OpenSettings& settings,
                                 TarNames names = TarNames::fitting);

/// Whether a folder has *.tar files of the split, or a list of them.
bool has_shards(const std::filesystem::path& folder, const Split& split);

}  // namespace springbok::data
