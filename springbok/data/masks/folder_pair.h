// Inside the room: a folder of images beside a folder of their masks.
#pragma once

#include <filesystem>
#include <memory>

#include "springbok/data/source/source.h"

namespace springbok::data {

/// Whether `root` has a part of that name: SPLIT/images/ and SPLIT/masks/, or images/SPLIT/ and masks/SPLIT/.
bool has_folder_pair(const std::filesystem::path& root, const Split& split);

/// Whether `root` holds images/ and masks/ without parts in them.
bool is_folder_pair(const std::filesystem::path& root);

/// Images and masks of that part, or those of a root without parts for `val` and with `settings.val_share`. An image
/// and its mask have the same path below their folders but for the ending; samples are in the order of the images'
/// paths. Classes are the lines of `root`/classes.txt, else VOC's 21, which the description says. Images without a mask
/// and masks without an image are left out and warned of. Throws Error for two files that have the same path but for
/// the ending, and as MaskSource does.
std::unique_ptr<Source> open_folder_pair(const std::filesystem::path& root, const Split& split,
                                         const OpenSettings& settings);

}  // namespace springbok::data
