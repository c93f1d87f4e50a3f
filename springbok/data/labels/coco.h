// COCO's instances_*.json: which classes are present in which images, and in which sizes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace springbok::data {

struct CocoImage {
  std::int64_t id = 0;
  std::string file;  ///< its name, as the JSON has it
};

/// How many objects something odd holds of, and which is the first.
struct OddObjects {
  std::int64_t count = 0, first = 0;
  void add(std::int64_t object) { first = count++ == 0 ? object : first; }  ///< -1: one without an id
};

struct CocoInstances {
  std::vector<std::string> classes;        ///< in the order of the JSON's list of categories, whatever their ids
  std::vector<std::int64_t> category_ids;  ///< of each class
  std::vector<CocoImage> images;           ///< in the order of the JSON; those without objects too
  /// (images, classes) row-major: bits of base/label_sizes.h. An object is small with an area below 32^2, medium
  /// below 96^2, else large, by the annotation's `area` (allenai/elastic, multilabel_classify.py). Crowds count as any
  /// other object.
  std::vector<std::uint8_t> labels;
  std::int64_t objects = 0, crowds = 0;
  std::int64_t of_unknown_images = 0;  ///< objects of images that the JSON does not list: they count nowhere
  std::int64_t first_unknown = 0;      ///< the first of these images
  OddObjects repeated;                 ///< have an id that an earlier object has; all count
  OddObjects outside;                  ///< their box reaches a pixel or more outside of the image
  OddObjects without_area;             ///< have an area of 0 or less: they count as small
};

/// Reads the JSON as a stream: no more is kept than what is returned, and 48 bytes an object meanwhile. Throws Error
/// naming `name`: broken JSON (with the byte), a list or a field that is missing, an object of an unknown category. So
/// it does for an image or category whose id or name comes twice.
CocoInstances read_coco(std::span<const std::byte> json, const std::string& name);
CocoInstances read_coco(const std::filesystem::path& path);

}  // namespace springbok::data
