// Inside the room: what is unpacked beside the images: masks, or a table of labels, and the classes' names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "springbok/data/pack/unpack_plan.h"
#include "springbok/data/source/source.h"

namespace springbok::data {

/// Images at SPLIT/images/NAME whatever they show, and, of masks, behind them the place of each mask, SPLIT/masks/NAME
/// with the ending of a PNG. Throws Error for two images whose masks would have one place.
UnpackPlan plan_targets(const Source& source, const Split& split,
                        const std::function<std::string(std::int64_t)>& ending);

/// Texts beside the folder of the split: `classes.txt`, and, of labels, SPLIT.csv, which `labels:` reads.
struct SideText {
  std::filesystem::path file;
  std::string text;
};
std::vector<SideText> side_texts(const Source& source, const UnpackPlan& plan, const std::filesystem::path& folder,
                                 const Split& split);

/// Whether labels say sizes of objects, which a CSV has no place for.
bool has_sizes(const Source& source);

}  // namespace springbok::data
