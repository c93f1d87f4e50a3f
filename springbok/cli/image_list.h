// Images named one by one: files, folders and standard input, as a source. Folders below a named one are its classes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "springbok/data/source/source.h"

namespace springbok::cli {

/// A source of the named images in order; a folder stands for all images below it, sorted by path, and `-` for one
/// image on standard input. Its classes are the folders just below the named ones; other images have none. Files of a
/// folder that are no images are counted in a line on standard error. Throws Error for a path that does not exist and
/// for a folder without images.
std::unique_ptr<data::Source> open_images(const std::vector<std::string>& names);

}  // namespace springbok::cli
