// MS-COCO's layout: annotations beside folders of images.
#include "springbok/data/labels/coco_source.h"

#include <optional>
#include <unordered_set>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/data/folder/folder_tree.h"
#include "springbok/data/folder/image_names.h"
#include "springbok/data/labels/coco_index.h"
#include "springbok/data/labels/labelled_source.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;

/// `instances_train2014.json` of all years that are there, and that without a year.
std::vector<std::string> parts_there(const fs::path& root, const Split& split, int year) {
  std::vector<std::string> parts;
  for (const char* each : {"2014", "2017", ""}) {
    if (year != kAnyYear && each != std::to_string(year)) continue;
    const std::string part = split.name() + each;
    std::error_code ignored;
    if (fs::is_regular_file(root / "annotations" / format("instances_{}.json", part), ignored)) parts.push_back(part);
  }
  return parts;
}

std::string part_of(const fs::path& root, const Split& split, int year) {
  const std::vector<std::string> parts = parts_there(root, split, year);
  if (parts.size() > 1) {
    fail("{}: holds annotations of {}; choose a year with coco-2014:PATH or coco-2017:PATH", root.string(),
         join(parts, " and "));
  }
  if (!parts.empty()) return parts.front();
  const std::string years = year == kAnyYear ? "[2014|2017]" : std::to_string(year);
  fail("{}: no annotations/instances_{}{}.json; COCO's annotations lie in annotations/, its images beside it in {}{}/",
       root.string(), split.name(), years, split.name(), years);
}

/// `train2014`, or `images/train2014` where that is the one that is there.
fs::path image_folder(const fs::path& root, const std::string& part) {
  for (const fs::path& each : {fs::path(part), fs::path("images") / part}) {
    if (is_folder(root / each)) return each;
  }
  fail("{}: no folder {}/ with the images that annotations/instances_{}.json lists", root.string(), part, part);
}

class CocoSource : public LabelledSource {
 public:
  CocoSource(const fs::path& root, const std::string& part, const OpenSettings& settings) : LabelledSource(root) {
    const fs::path folder = image_folder(root, part);
    const std::string json = format("annotations/instances_{}.json", part);
    IndexedCoco found = indexed_coco(root / json, settings.rescan);
    CocoInstances& coco = found.instances;
    if (coco.images.empty()) fail("{}: lists no image", (root / json).string());
    if (coco.classes.empty()) fail("{}: lists no category", (root / json).string());
    take_labels(coco);
    for (const CocoImage& image : coco.images) names_.push_back((folder / image.file).string());
    const std::int64_t unlisted = look_for_images(folder, coco, json);
    warn(coco, json);
    classes_ = std::move(coco.classes);
    describe(coco, root / json, unlisted);
    if (settings.looked) settings.looked({"annotation files", found.read ? 1 : 0, found.read ? 0 : 1, found.index});
  }

 private:
  void take_labels(const CocoInstances& coco) {
    const std::size_t classes = coco.classes.size();
    for (std::size_t i = 0; i < coco.images.size(); ++i) {
      for (std::size_t c = 0; c < classes; ++c) {
        const std::uint8_t sizes = coco.labels[i * classes + c];
        if (sizes != 0) sets_.add(static_cast<std::uint32_t>(c), sizes);
      }
      sets_.end_set();
      without_objects_ += sets_.is_empty(i);
    }
  }

  /// Warns of listed images that are not there; counts images that are there and not listed.
  std::int64_t look_for_images(const fs::path& folder, const CocoInstances& coco, const std::string& json) {
    std::unordered_set<std::string> there;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(root_ / folder, error)) there.insert(entry.path().filename());
    if (error) fail("cannot list {}: {}", (root_ / folder).string(), error.message());
    std::vector<std::string> missing;
    for (const CocoImage& image : coco.images) {
      const bool below = image.file.find('/') != std::string::npos;
      const bool found = below ? fs::exists(root_ / folder / image.file, error) : there.erase(image.file) > 0;
      if (!found) missing.push_back(image.file);
    }
    if (missing.size() == coco.images.size()) {
      fail("{}: none of the {} images that {} lists is there ({}); fetch them", (root_ / folder).string(),
           with_commas(std::ssize(missing)), json, join_first(missing, 2));
    }
    if (!missing.empty()) {
      warnings_.push_back(format("{}: of {} images {} {} not in {}/, and loading one is an error: {}", json,
                                 with_commas(size()), with_commas(std::ssize(missing)),
                                 missing.size() == 1 ? "is" : "are", folder.string(), join_first(missing)));
    }
    return std::count_if(there.begin(), there.end(), [](const std::string& name) { return is_image_name(name); });
  }

  void warn(const CocoInstances& coco, const std::string& json) {
    const auto add = [&](const char* what, std::int64_t count, const char* of, std::int64_t first) {
      if (count == 0) return;
      warnings_.push_back(format("{}: objects {}: {} (the first {} {})", json, what, with_commas(count), of, first));
    };
    add("of images that it does not list, which count nowhere", coco.of_unknown_images, "is of image",
        coco.first_unknown);
    add("with an id that another has, which all count", coco.repeated.count, "has id", coco.repeated.first);
    add("with a box that reaches outside of the image, which count as any", coco.outside.count, "has id",
        coco.outside.first);
    add("without an area, which count as small", coco.without_area.count, "has id", coco.without_area.first);
  }

  void describe(const CocoInstances& coco, const fs::path& json, std::int64_t unlisted) {
    description_ = format("coco: {} images, {} without objects, {} objects ({} crowds) of {} classes ({})",
                          with_commas(size()), with_commas(without_objects_), with_commas(coco.objects),
                          with_commas(coco.crowds), classes_.size(), json.string());
    if (unlisted > 0) description_ += format("; images there and not listed: {}", with_commas(unlisted));
  }

  std::int64_t without_objects_ = 0;
};

}  // namespace

bool has_coco(const fs::path& root, const Split& split, int year) {
  return !parts_there(root, split, year).empty();
}

std::unique_ptr<Source> open_coco(const fs::path& root, const Split& split, const OpenSettings& settings, int year) {
  return std::make_unique<CocoSource>(root, part_of(root, split, year), settings);
}

}  // namespace springbok::data
