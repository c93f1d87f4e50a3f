// Inside the room: what COCO's JSON says, kept for the next time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "springbok/data/labels/coco.h"

namespace springbok::data {

/// What a JSON says, and what the index had to do with it.
struct IndexedCoco {
  CocoInstances instances;
  bool read = true;             ///< false: as the index says
  std::filesystem::path index;  ///< the file; empty when there is none
};

/// As `read_coco`. A JSON of `least_bytes` or more that has the size and times of last time is not read again.
IndexedCoco indexed_coco(const std::filesystem::path& json, bool rescan, std::uint64_t least_bytes = 1 << 20);

/// The body of an index, and back; nothing for a body that is none.
std::string write_coco_index(const std::string& stamp, const CocoInstances& instances);
std::optional<CocoInstances> read_coco_index(std::string_view body, const std::string& stamp);

}  // namespace springbok::data
