// Writing a folder of masks, as sources of masks read it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "springbok/image/image.h"

namespace springbok::data {

/// A mask (1 channel of class indices) as a PNG of indices in VOC's colours.
std::vector<std::byte> mask_png(const image::Image& mask);

/// The classes' names, one a line, as `classes.txt` in the folder: index 0 first. Throws Error where it cannot be
/// written.
void write_class_list(const std::filesystem::path& folder, const std::vector<std::string>& classes);

}  // namespace springbok::data
