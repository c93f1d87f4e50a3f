// Inside the room: MS-COCO's images, labelled with the classes of their objects.
#pragma once

#include <filesystem>
#include <memory>

#include "springbok/data/source/source.h"

namespace springbok::data {

/// The years whose annotations COCO has; `kAnyYear` takes what is there.
inline constexpr int kAnyYear = 0;

/// Whether `root`/annotations/instances_SPLIT[YEAR].json is there.
bool has_coco(const std::filesystem::path& root, const Split& split, int year);

/// The images of `root`/SPLIT YEAR/ (train2014, val2017, ...; or in `root`/images/) that
/// `root`/annotations/instances_SPLIT[YEAR].json lists, those without objects too, in its order; a class's sizes go by
/// the objects' area (coco.h). Images that are listed and not there are warned of; loading one is an Error. Big JSONs
/// have an index (coco_index.h). Throws Error for what `read_coco` does, for two years where none is asked for, and
/// when no listed image is there.
std::unique_ptr<Source> open_coco(const std::filesystem::path& root, const Split& split, const OpenSettings& settings,
                                  int year);

}  // namespace springbok::data
