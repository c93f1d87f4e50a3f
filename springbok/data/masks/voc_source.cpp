// PASCAL VOC's layout: lists of images and masks.
#include "springbok/data/masks/voc_source.h"

#include <algorithm>
#include <optional>
#include <sstream>
#include <unordered_map>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/base/lines.h"
#include "springbok/data/folder/folder_tree.h"
#include "springbok/data/masks/mask_file.h"
#include "springbok/data/masks/mask_source.h"
#include "springbok/data/source/class_names.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;

/// The root itself, or the VOC20xx in it or in its VOCdevkit.
std::vector<fs::path> voc_folders(const fs::path& root) {
  if (is_folder(root / "JPEGImages")) return {root};
  std::vector<fs::path> found;
  for (const fs::path& parent : {root, root / "VOCdevkit"}) {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(parent, ignored)) {
      const bool is_voc = entry.path().filename().string().starts_with("VOC2");
      if (is_voc && is_folder(entry.path() / "JPEGImages")) found.push_back(entry.path());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// The list of a part below a VOC folder, nothing where there is none.
std::optional<fs::path> list_of(const fs::path& folder, const Split& split, VocLists lists) {
  std::vector<fs::path> places{fs::path("ImageSets/Segmentation") / (split.name() + ".txt")};
  if (lists == VocLists::any) {
    places.insert(places.begin(), fs::path("list") / (split.name() + ".txt"));
    if (split == Split::train) places.insert(places.begin(), "list/train_aug.txt");
  }
  for (const fs::path& each : places) {
    std::error_code ignored;
    if (fs::is_regular_file(folder / each, ignored)) return each;
  }
  return std::nullopt;
}

std::vector<fs::path> folders_with(const fs::path& root, const Split& split, VocLists lists) {
  std::vector<fs::path> found = voc_folders(root);
  std::erase_if(found, [&](const fs::path& folder) { return !list_of(folder, split, lists); });
  return found;
}

fs::path folder_of(const fs::path& root, const Split& split, VocLists lists) {
  const std::vector<fs::path> found = folders_with(root, split, lists);
  if (found.size() > 1) {
    fail("{}: holds {} and {}; name one of them", root.string(), found[0].string(), found[1].string());
  }
  if (!found.empty()) return found.front();
  if (voc_folders(root).empty()) {
    fail("{}: no JPEGImages/ in it, nor in a VOC2012/ or VOCdevkit/VOC2012/ in it", root.string());
  }
  fail("{}: no list of the part '{}'; looked for {}ImageSets/Segmentation/{}.txt in {}", root.string(), split.name(),
       lists == VocLists::any ? format("list/{}.txt and ", split.name()) : "", split.name(),
       voc_folders(root).front().string());
}

/// `/JPEGImages/x.jpg` as it is below the folder.
std::string below(std::string path) {
  path.erase(0, path.find_first_not_of('/'));
  return path;
}

MaskPair pair_of(const std::string& line, const std::string& where) {
  std::istringstream words(line);
  std::vector<std::string> fields;
  for (std::string word; words >> word;) fields.push_back(word);
  if (fields.size() == 1 && fields[0].find('/') == std::string::npos) {
    return {format("JPEGImages/{}.jpg", fields[0]), format("SegmentationClass/{}.png", fields[0])};
  }
  if (fields.size() != 2) fail("{}: expects 'IMAGE MASK' or a name alone, got '{}'", where, line);
  return {below(fields[0]), below(fields[1])};
}

std::vector<MaskPair> pairs_of(const fs::path& list) {
  std::vector<MaskPair> pairs;
  std::unordered_map<std::string, std::size_t> seen;
  const std::vector<std::string> lines = read_lines(list);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].empty() || lines[i].starts_with('#')) continue;
    pairs.push_back(pair_of(lines[i], format("{}:{}", list.string(), i + 1)));
    const auto [other, is_new] = seen.emplace(pairs.back().image, i + 1);
    if (!is_new) fail("{}:{}: names {} again, after line {}", list.string(), i + 1, pairs.back().image, other->second);
  }
  return pairs;
}

class VocSource : public MaskSource {
 public:
  VocSource(const fs::path& folder, const fs::path& list, std::vector<std::string> classes)
      : MaskSource(folder, std::move(classes), pairs_of(folder / list), (folder / list).string()) {
    description_ = format("voc: {} images with masks of {} classes ({})", with_commas(size()), classes_.size(),
                          (folder / list).string());
  }
};

}  // namespace

bool has_voc(const fs::path& root, const Split& split, VocLists lists) {
  return !folders_with(root, split, lists).empty();
}

std::unique_ptr<Source> open_voc(const fs::path& root, const Split& split, VocLists lists) {
  const fs::path folder = folder_of(root, split, lists);
  std::vector<std::string> classes = names_if_there(folder / "classes.txt");
  if (classes.empty()) classes = voc_classes();
  return std::make_unique<VocSource>(folder, *list_of(folder, split, lists), std::move(classes));
}

}  // namespace springbok::data
