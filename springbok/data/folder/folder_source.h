// Inside the room: image folders in ImageNet layout.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "springbok/data/source/source.h"

namespace springbok::data {

/// Images of CLASS/... below `classes_folder`: classes, samples and their order are those of torchvision's ImageFolder
/// (classes sorted by the bytes of their names; links followed; endings in any case). `root` is what names are relative
/// to; `note` ends the description. Throws Error for a folder without classes and for classes without images. Big
/// folders are looked up in the index (tree_index.h).
std::unique_ptr<Source> open_folder(const std::filesystem::path& root, const std::filesystem::path& classes_folder,
                                    const std::string& note, const OpenSettings& settings = {});

}  // namespace springbok::data
