// Inside the room: PASCAL VOC's images with masks of their classes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "springbok/data/source/source.h"

namespace springbok::data {

/// Which lists of a VOC folder name its parts.
enum class VocLists : std::uint8_t {
  any,        ///< list/train_aug.txt for `train`, list/NAME.txt, else ImageSets/Segmentation/NAME.txt
  image_sets  ///< ImageSets/Segmentation/NAME.txt
};

/// Whether a VOC folder at or below `root` has a list of that part.
bool has_voc(const std::filesystem::path& root, const Split& split, VocLists lists);

/// The images that a list of VOC's folder names, with their masks. `root` is that folder (it holds JPEGImages/), or
/// holds VOC2012/ or VOCdevkit/VOC2012/. A line is `/JPEGImages/x.jpg /SegmentationClass/x.png`, below the folder, or a
/// name x alone, which means these two. Classes are VOC's 21, or the lines of classes.txt in VOC's folder. Throws Error
/// naming list and line for anything else, an image that comes twice, and as MaskSource does.
std::unique_ptr<Source> open_voc(const std::filesystem::path& root, const Split& split, VocLists lists);

}  // namespace springbok::data
