// Image folders in ImageNet layout: CLASS/.../IMAGE.
#include "springbok/data/folder/folder_source.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/data/folder/class_folders.h"
#include "springbok/data/folder/image_names.h"
#include "springbok/data/folder/odd_names.h"
#include "springbok/data/folder/tree_index.h"
#include "springbok/data/source/bytes_source.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;

/// What stands before the names below `top`, where names are relative to `root`.
std::string prefix_of(const fs::path& root, const fs::path& top) {
  const std::string between = top.lexically_relative(root).string();
  return between == "." ? "" : between + "/";
}

/// Files beside the class folders belong to no class.
LeftOut beside_classes(const Listing& top) {
  LeftOut beside = top.others;
  for_each_image(top, [&](std::string_view name) { beside.add(std::string(name)); });
  return beside;
}

class FolderSource : public BytesSource {
 public:
  FolderSource(const fs::path& root, const fs::path& folder, const std::string& note, const OpenSettings& settings)
      : root_(root) {
    const IndexedTree found = indexed_tree(folder, {.rescan = settings.rescan});
    const Listings& folders = found.tree.folders;
    const Listing& top = folders.at("");
    const std::vector<std::int32_t> class_of = name_classes(folder, top.folders);
    LeftOut left_out = beside_classes(top);
    if (listed_) left_out.remove(kClassFoldersFile);
    check_classes(folder, left_out.total());
    add_images(folders, prefix_of(root, folder), class_of, left_out);
    check_none_empty(folder);
    const std::string told = left_out.text();
    description_ = format("folder: {} images in {} classes ({}){}{}", with_commas(size()),
                          with_commas(static_cast<std::int64_t>(classes_.size())), folder.string(), note,
                          told.empty() ? "" : "; " + told);
    const auto count = static_cast<std::int64_t>(folders.size());
    if (settings.looked) settings.looked({"folders", found.tree.listed, count - found.tree.listed, found.index});
  }

  std::string name(std::int64_t index) const override {
    const auto i = static_cast<std::size_t>(index);
    const std::size_t begin = i == 0 ? 0 : ends_.at(i - 1);
    return names_.substr(begin, ends_.at(i) - begin);
  }

  std::vector<std::string> warnings() const override {
    std::vector<std::string> told = odd_classes(*this);
    told.insert(told.end(), warnings_.begin(), warnings_.end());
    return told;
  }

  std::string digest() const override {
    Digest digest;
    digest.add_all(classes_);
    digest.add(names_);
    digest.add(std::as_bytes(std::span(ends_)));
    digest.add(std::as_bytes(std::span(targets_)));
    return digest.hex();
  }
  std::string stamp(std::int64_t index) const override { return file_stamp(root_ / name(index)); }

 protected:
  image::Encoded::Contents read(std::int64_t index, std::vector<std::byte>& memory) const override {
    return {.table = 0, .image = read_file(root_ / name(index), memory), .units = 0, .size = {}};
  }

 private:
  void check_classes(const fs::path& folder, std::int64_t files) const {
    if (!classes_.empty()) return;
    fail("{}: no class folders; expected {}/CLASS/IMAGE.jpg, found {} files and no folder", folder.string(),
         folder.filename().string(), with_commas(files));
  }

  /// The classes are the folders, unless a list beside them says more. Gives the class of each folder.
  std::vector<std::int32_t> name_classes(const fs::path& top, const std::vector<std::string>& folders) {
    const auto list = read_class_folders(top);
    listed_ = list.has_value();
    std::vector<std::int32_t> class_of;
    if (!list) classes_ = folders;
    for (std::size_t i = 0; list && i < list->size(); ++i) classes_.push_back((*list)[i].name);
    for (const std::string& folder : folders) {
      if (!list) {
        class_of.push_back(static_cast<std::int32_t>(class_of.size()));
        continue;
      }
      const auto found =
          std::find_if(list->begin(), list->end(), [&](const auto& each) { return each.folder == folder; });
      if (found == list->end()) {
        fail("{}: is no class of {} beside it; remove one of them", (top / folder).string(), kClassFoldersFile);
      }
      class_of.push_back(static_cast<std::int32_t>(found - list->begin()));
    }
    return class_of;
  }

  /// The folders come class by class, in the order of their names.
  void add_images(const Listings& folders, const std::string& prefix, const std::vector<std::int32_t>& class_of,
                  LeftOut& left_out) {
    std::size_t seen = 0;
    std::map<std::string, std::int64_t> odd_folders;
    std::int64_t forks = 0;
    for (const auto& [path, listing] : folders) {
      if (path.empty()) continue;
      if (path.find('/') == std::string::npos) ++seen;
      const std::int32_t target = class_of.at(seen - 1);
      left_out.add(listing.others);
      if (const std::string odd = odd_part(path); !odd.empty()) odd_folders[prefix + odd] += listing.count;
      for_each_image(listing, [&, before = prefix + path + "/"](std::string_view name) {
        forks += name.starts_with("._");
        names_ += before;
        names_ += name;
        ends_.push_back(names_.size());
        targets_.push_back(target);
      });
    }
    for (const auto& [path, images] : odd_folders) {
      if (images > 0) warnings_.push_back(odd_folder(path, images));
    }
    if (forks > 0) {
      warnings_.push_back(
          format("{} files have names that begin with '._': macOS adds them to copies, they are no "
                 "images; remove them",
                 with_commas(forks)));
    }
  }

  /// A list may name classes that have no image, such as those of a validation part.
  void check_none_empty(const fs::path& folder) const {
    if (listed_) return;
    std::vector<bool> has_images(classes_.size());
    for (const std::int32_t target : targets_) has_images[static_cast<std::size_t>(target)] = true;
    std::vector<std::string> empty;
    for (std::size_t i = 0; i < classes_.size(); ++i) {
      if (!has_images[i]) empty.push_back(classes_[i]);
    }
    if (empty.empty()) return;
    fail("{}: no image in class {} {} (looked for {}); add images or remove the folder", folder.string(),
         empty.size() == 1 ? "folder" : "folders", join_first(empty), image_endings());
  }

  fs::path root_;
  std::vector<std::string> warnings_;
  std::string names_;                ///< all names, one after the other
  std::vector<std::uint64_t> ends_;  ///< where each ends
  bool listed_ = false;              ///< a list beside the folders names the classes
};

}  // namespace

std::unique_ptr<Source> open_folder(const fs::path& root, const fs::path& classes_folder, const std::string& note,
                                    const OpenSettings& settings) {
  return std::make_unique<FolderSource>(root, classes_folder, note, settings);
}

}  // namespace springbok::data
