// Images and masks in two folders that mirror each other.
#include "springbok/data/masks/folder_pair.h"

#include <map>
#include <optional>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/data/folder/folder_tree.h"
#include "springbok/data/folder/tree_index.h"
#include "springbok/data/masks/mask_file.h"
#include "springbok/data/masks/mask_source.h"
#include "springbok/data/source/class_names.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;

/// Below the root.
struct Folders {
  fs::path images, masks;
};

bool are_there(const fs::path& root, const Folders& folders) {
  return is_folder(root / folders.images) && is_folder(root / folders.masks);
}

std::optional<Folders> folders_of(const fs::path& root, const Split& split) {
  const fs::path part(split.name());
  for (const Folders& each : {Folders{part / "images", part / "masks"}, Folders{"images" / part, "masks" / part}}) {
    if (are_there(root, each)) return each;
  }
  return std::nullopt;
}

/// Files of a tree by their paths without endings.
using Files = std::map<std::string, std::string>;

/// The images' files, and what was looked at.
Files files_in(const fs::path& root, const fs::path& folder, const OpenSettings& settings, IndexLook& look,
               LeftOut& left_out) {
  const IndexedTree found = indexed_tree(root / folder, {.rescan = settings.rescan});
  Files files;
  for (const auto& [path, listing] : found.tree.folders) {
    left_out.add(listing.others);
    for_each_image(listing, [&, below = fs::path(path)](std::string_view name) {
      const fs::path file = below / name;
      const std::string stem = (below / file.stem()).string();
      const auto [other, is_new] = files.emplace(stem, file.string());
      if (!is_new) {
        fail("{}: {} and {} differ by their endings only, and so have one mask; rename one", (root / folder).string(),
             other->second, file.string());
      }
    });
  }
  const auto count = static_cast<std::int64_t>(found.tree.folders.size());
  look.listed += found.tree.listed;
  look.known += count - found.tree.listed;
  if (look.index.empty()) look.index = found.index;
  return files;
}

class FolderPair : public MaskSource {
 public:
  struct Found {
    std::vector<MaskPair> pairs;
    std::vector<std::string> images, masks;  ///< without the other
    IndexLook look{.what = "folders", .index = {}};
    LeftOut left_out;
  };

  FolderPair(const fs::path& root, const Folders& folders, Found found, std::vector<std::string> classes, bool named,
             const std::string& note)
      : MaskSource(root, std::move(classes), std::move(found.pairs), (root / folders.images).string()) {
    warn(found.images, "image", "a mask", folders.images);
    warn(found.masks, "mask", "an image", folders.masks);
    const std::string others = found.left_out.text();
    description_ =
        format("masks: {} images with masks of {} classes ({}){}{}{}", with_commas(size()), classes_.size(),
               (root / folders.images).string(), note, named ? "" : "; PASCAL VOC's, for want of a classes.txt",
               others.empty() ? "" : "; " + others);
  }

 private:
  void warn(const std::vector<std::string>& alone, const char* what, const char* other, const fs::path& folder) {
    if (alone.empty()) return;
    warnings_.push_back(format("{}: {}s without {}, which are left out: {} ({})", folder.string(), what, other,
                               with_commas(std::ssize(alone)), join_first(alone)));
  }
};

FolderPair::Found find_pairs(const fs::path& root, const Folders& folders, const OpenSettings& settings) {
  FolderPair::Found found;
  const Files images = files_in(root, folders.images, settings, found.look, found.left_out);
  Files masks = files_in(root, folders.masks, settings, found.look, found.left_out);
  for (const auto& [stem, file] : images) {
    const auto mask = masks.extract(stem);
    if (mask) {
      found.pairs.push_back({(folders.images / file).string(), (folders.masks / mask.mapped()).string()});
    } else {
      found.images.push_back(file);
    }
  }
  for (const auto& [stem, file] : masks) found.masks.push_back(file);
  if (!found.pairs.empty()) return found;
  fail("{}: none of its {} images has a mask of the same name in {} ({} there)", (root / folders.images).string(),
       with_commas(std::ssize(found.images)), (root / folders.masks).string(), with_commas(std::ssize(found.masks)));
}

}  // namespace

bool has_folder_pair(const fs::path& root, const Split& split) {
  return folders_of(root, split).has_value();
}

bool is_folder_pair(const fs::path& root) {
  const auto has_part = [&](const Split& split) { return has_folder_pair(root, split); };
  return are_there(root, {"images", "masks"}) && std::none_of(usual_splits().begin(), usual_splits().end(), has_part);
}

std::unique_ptr<Source> open_folder_pair(const fs::path& root, const Split& split, const OpenSettings& settings) {
  std::optional<Folders> folders = folders_of(root, split);
  const bool whole = !folders && is_folder_pair(root);
  if (whole && (split == Split::val || settings.val_share > 0)) folders = Folders{"images", "masks"};
  if (!folders) {
    const std::string& part = split.name();
    fail("{}: no {}/images/ and {}/masks/, nor images/{}/ and masks/{}/{}", root.string(), part, part, part, part,
         whole ? "; --val-share 0.1 takes images/ and masks/ for the whole, and holds out a share" : "");
  }
  FolderPair::Found found = find_pairs(root, *folders, settings);
  if (settings.looked) settings.looked(found.look);
  std::vector<std::string> classes = names_if_there(root / "classes.txt");
  const bool named = !classes.empty();
  return std::make_unique<FolderPair>(root, *folders, std::move(found), named ? std::move(classes) : voc_classes(),
                                      named, whole ? ", all of them" : "");
}

}  // namespace springbok::data
