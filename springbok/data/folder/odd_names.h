// Inside the room: folders that programs leave behind, which are classes only by accident.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "springbok/data/source/source.h"

namespace springbok::data {

/// Whether a folder of this name is probably no class: `.ipynb_checkpoints`, `__MACOSX`, `@eaDir`, `lost+found`, ...
bool is_odd_name(std::string_view name);

/// A line for each class with such a name and the images in it.
std::vector<std::string> odd_classes(const Source& source);

/// The path up to its first folder below the class that has such a name: `dusk/@eaDir` of `dusk/@eaDir/1.jpg`; else "".
std::string odd_part(const std::string& path);

/// A line for a folder with such a name among a class's images.
std::string odd_folder(const std::string& path, std::int64_t images);

}  // namespace springbok::data
