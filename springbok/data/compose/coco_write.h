// Writing COCO's instances_*.json.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "springbok/data/compose/scene.h"
#include "springbok/image/region.h"

namespace springbok::data {

struct WrittenImage {
  std::int64_t id = 0;
  std::string file;
  image::Size size;
  std::vector<SceneObject> objects;
};

/// COCO's area below which an object is small, and below which it is medium.
inline constexpr std::int64_t kSmallArea = 32 * 32, kMediumArea = 96 * 96;

/// The file as pycocotools reads it. Categories have the ids 1, 2, ... in the order of `classes`; objects are numbered
/// from `first_object` on. `description` stands in its `info`.
void write_coco(const std::filesystem::path& path, const std::string& description,
                const std::vector<std::string>& classes, const std::vector<WrittenImage>& images,
                std::int64_t first_object);

}  // namespace springbok::data
