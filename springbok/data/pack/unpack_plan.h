// Inside the room: where the samples of a source go in image folders, whatever their names are.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "springbok/data/folder/class_folders.h"
#include "springbok/data/source/source.h"

namespace springbok::data {

/// Places relative to the folder of the split. No two are the same, none is a folder of another.
struct UnpackPlan {
  std::vector<std::string> places;   ///< CLASS/NAME of each sample
  std::vector<ClassFolder> classes;  ///< in the order of the source's
  bool listed = false;               ///< folders alone would give other classes, or another order
};

/// Places of all samples: names as they are below the split and the class. Excepted is what no file system holds (`/`
/// in a class, `.`, `..`, zero bytes, more than 255 bytes), which is coded. So are names that are there already, which
/// get ~2, ~3, ... `ending` gives that of a sample whose name has none. Throws Error for a sample without a class.
UnpackPlan plan_unpack(const Source& source, const Split& split,
                       const std::function<std::string(std::int64_t)>& ending);

/// Throws Error when anything in `folder` is in the way. That is a link, a file where a folder is to be or the reverse,
/// an image or folder that the plan does not have.
void check_room(const UnpackPlan& plan, const std::filesystem::path& folder);

}  // namespace springbok::data
