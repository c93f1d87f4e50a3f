// Opening sources: kinds and detection.
#include "springbok/data/source/source.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/data/folder/folder_source.h"
#include "springbok/data/folder/folder_tree.h"
#include "springbok/data/folder/list_source.h"
#include "springbok/data/folder/odd_names.h"
#include "springbok/data/labels/coco_source.h"
#include "springbok/data/labels/label_source.h"
#include "springbok/data/lmdb/lmdb_source.h"
#include "springbok/data/masks/folder_pair.h"
#include "springbok/data/masks/voc_source.h"
#include "springbok/data/pack/pack_source.h"
#include "springbok/data/raw/cifar_source.h"
#include "springbok/data/raw/idx_source.h"
#include "springbok/data/shards/http_file.h"
#include "springbok/data/shards/tar_source.h"
#include "springbok/data/source/printable_names.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;

/// What a folder holds, for messages: `train/, val/, notes.txt and 3 more`.
std::string contents(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    names.push_back(entry.path().filename().string() + (entry.is_directory(error) ? "/" : ""));
  }
  if (names.empty()) return "nothing";
  std::sort(names.begin(), names.end());
  return join_first(names);
}

std::vector<std::string> folders_in(const fs::path& path) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(path, error)) {
    if (entry.is_directory(error)) names.push_back(entry.path().filename().string());
  }
  return names;
}

bool has_split_folder(const fs::path& root, const Split& split) {
  return is_folder(root / split.name());
}

/// Whether the root holds splits, not classes: `train` or a validation folder, or nothing but folders that are called
/// as splits are.
bool holds_splits(const fs::path& root) {
  const auto is_split = [](const std::string& name) {
    return std::any_of(usual_splits().begin(), usual_splits().end(), [&](const Split& s) { return s.name() == name; });
  };
  const std::vector<std::string> names = folders_in(root);
  const std::vector<Split> vals = Split::val.spellings();
  return has_split_folder(root, Split::train) ||
         std::any_of(vals.begin(), vals.end(), [&](const Split& s) { return has_split_folder(root, s); }) ||
         (!names.empty() && std::all_of(names.begin(), names.end(), is_split));
}

std::unique_ptr<Source> open_split_folder(const fs::path& root, const Split& split, const OpenSettings& settings) {
  if (has_split_folder(root, split)) return open_folder(root, root / split.name(), "", settings);
  if ((split == Split::val || settings.val_share > 0) && !holds_splits(root)) {
    return open_folder(root, root, ", itself taken as the class folders", settings);
  }
  const bool classes = split == Split::train && !folders_in(root).empty() && !holds_splits(root);
  const char* hint = split == Split::val ? "; --split NAME takes another part, --val-share 0.1 a share of train/"
                     : classes           ? "; --val-share 0.1 takes these for the classes, and holds out a share"
                                         : "";
  fail("{}: no {}/ folder; expected {}/CLASS/IMAGE.jpg, found {}{}", root.string(), split.name(), split.name(),
       contents(root), hint);
}

bool has_idx(const fs::path& path, const Split& split) {
  return !find_idx_images(path, split).empty();
}

/// Opens a kind that has no index.
template <auto open>
std::unique_ptr<Source> plain(const fs::path& path, const Split& split, const OpenSettings& /*settings*/) {
  return open(path, split);
}

template <TarNames names>
std::unique_ptr<Source> tar_by(const fs::path& path, const Split& split, const OpenSettings& settings) {
  return open_tar(path, split, settings, names);
}

template <int year>
bool has_coco_of(const fs::path& path, const Split& split) {
  return has_coco(path, split, year);
}

template <int year>
std::unique_ptr<Source> coco_of(const fs::path& path, const Split& split, const OpenSettings& settings) {
  return open_coco(path, split, settings, year);
}

template <VocLists lists>
bool has_voc_of(const fs::path& path, const Split& split) {
  return has_voc(path, split, lists);
}

template <VocLists lists>
std::unique_ptr<Source> voc_of(const fs::path& path, const Split& split, const OpenSettings& /*settings*/) {
  return open_voc(path, split, lists);
}

bool is_undivided(const fs::path& root) {
  return !holds_splits(root);
}

struct Kind {
  const char* name;
  bool (*has)(const fs::path&, const Split&);
  std::unique_ptr<Source> (*open)(const fs::path&, const Split&, const OpenSettings&);
  bool has_test = false;                             ///< two parts, of which the second is called a test
  bool (*is_whole)(const fs::path& root) = nullptr;  ///< whether a root without parts is one, which may be evaluated
};

constexpr std::array kKinds{Kind{"folder", has_split_folder, open_split_folder, false, is_undivided},
                            Kind{"idx", has_idx, plain<open_idx>, true},
                            Kind{"cifar", has_cifar, plain<open_cifar>, true},
                            Kind{"lmdb", has_lmdb, plain<open_lmdb>},
                            Kind{"pack", has_pack, plain<open_pack>},
                            Kind{"tar", has_shards, tar_by<TarNames::fitting>},
                            Kind{"tar-first-dot", has_shards, tar_by<TarNames::first_dot>},
                            Kind{"tar-last-dot", has_shards, tar_by<TarNames::last_dot>},
                            Kind{"list", has_list, plain<open_list>},
                            Kind{"coco", has_coco_of<kAnyYear>, coco_of<kAnyYear>},
                            Kind{"coco-2014", has_coco_of<2014>, coco_of<2014>},
                            Kind{"coco-2017", has_coco_of<2017>, coco_of<2017>},
                            Kind{"voc", has_voc_of<VocLists::any>, voc_of<VocLists::any>},
                            Kind{"voc-imagesets", has_voc_of<VocLists::image_sets>, voc_of<VocLists::image_sets>},
                            Kind{"masks", has_folder_pair, open_folder_pair, false, is_folder_pair},
                            Kind{"labels", has_labels, open_labels, false, is_labels}};

/// The order in which they are looked for. A folder of shards is no image folder; folders of images and masks are no
/// classes. Beside split folders `train.txt` is something else than a list.
constexpr std::array<std::string_view, 11> kDetection{"idx", "cifar", "tar",    "lmdb",   "pack", "coco",
                                                      "voc", "masks", "labels", "folder", "list"};

const Kind& kind_named(std::string_view name) {
  return *std::find_if(kKinds.begin(), kKinds.end(), [&](const Kind& kind) { return kind.name == name; });
}

/// The split under the name that it has there; as it is when it has none.
Split found_as(const Kind& kind, const fs::path& path, const Split& split) {
  for (const Split& each : split.spellings()) {
    if (kind.has(path, each)) return each;
  }
  return split;
}

bool has_part(const Kind& kind, const fs::path& path, const Split& split) {
  return kind.has(path, found_as(kind, path, split));
}

/// Both parts of a data set without validation images, made of its training images.
std::unique_ptr<Source> open_share(const Kind& kind, const fs::path& path, const Split& split,
                                   const OpenSettings& settings) {
  return held_out(kind.open(path, Split::train, settings), settings.val_share, split == Split::val);
}

std::unique_ptr<Source> open_kind(const Kind& kind, const fs::path& path, const Split& split,
                                  const OpenSettings& settings) {
  const bool of_training = split == Split::train || split == Split::val;
  if (settings.val_share > 0 && of_training) {
    const bool own = !kind.has_test && has_part(kind, path, Split::val);
    if (!own) return open_share(kind, path, split, settings);
    if (!settings.share_where_needed) {
      fail_usage(
          "--val-share: {} has validation images of its own ({}); leave --val-share out, or give a folder "
          "without them",
          path.string(), found_as(kind, path, Split::val).name());
    }
  }
  return kind.open(path, found_as(kind, path, split), settings);
}

/// The kind that the names in a folder show, for the part that was asked for or a usual one; nullptr for class folders
/// and for anything else.
const Kind* kind_of(const fs::path& path, const std::optional<Split>& asked = std::nullopt) {
  std::vector<Split> splits = usual_splits();
  if (asked) splits.push_back(*asked);
  for (const std::string_view name : kDetection) {
    const Kind& kind = kind_named(name);
    for (const Split& split : splits) {
      const bool too_vague = split == Split("test") && asked != split && !kind.has_test;  // a class may be called so
      if (!too_vague && kind.has(path, split)) return &kind;
    }
  }
  return nullptr;
}

/// One root may hold several of torchvision's data sets.
void check_one_set(const fs::path& path) {
  std::vector<std::string> sets = idx_sets(path);
  for (std::string& each : cifar_sets(path)) sets.push_back(std::move(each));
  if (sets.size() > 1) fail("{}: holds several data sets: {}; name one of them", path.string(), join_first(sets, 8));
}

const Kind& detect(const fs::path& path, const Split& split) {
  check_one_set(path);
  if (const Kind* kind = kind_of(path, split)) return *kind;
  if (is_folder_pair(path)) return kind_named("masks");
  if (is_labels(path)) return kind_named("labels");
  if (!folders_in(path).empty()) return kind_named("folder");
  const std::string& name = split.name();
  fail(
      "{}: no data of a known kind; looked for image folders ({}/CLASS/IMAGE.jpg), IDX files ({}), CIFAR's "
      "files, {}.pack, {}.lmdb, {}/*.tar, {}.txt, {}.csv, COCO's annotations/, VOC's JPEGImages/, images/ with masks/, "
      "found {}",
      path.string(), name, idx_names(split), name, name, name, name, name, contents(path));
}

void check_folder(const fs::path& path) {
  std::error_code ignored;
  if (is_idx_prefix(path)) return;
  if (!fs::exists(path, ignored)) fail("{}: no such folder", path.string());
  if (!is_folder(path)) fail("{}: is a file; give the folder with the images or IDX files", path.string());
}

/// A source as the user names it.
struct Named {
  const Kind* kind = nullptr;  ///< nullptr: to be detected
  fs::path path;
};

[[noreturn]] void fail_unknown_kind(const std::string& spec, const std::string& kind) {
  std::vector<std::string> names, forms;
  for (const Kind& each : kKinds) {
    names.emplace_back(each.name);
    forms.push_back(format("{}:PATH", each.name));
  }
  const std::string near = closest(kind, names);
  fail_usage("{}: no such folder, and no kind of data is called '{}'{}; known: {}", spec, kind,
             near.empty() ? "" : format(" (did you mean '{}'?)", near), join(forms));
}

Named parse(const std::string& spec) {
  std::error_code ignored;
  const std::size_t colon = spec.find(':');
  if (colon == std::string::npos || fs::exists(spec, ignored)) return {.kind = nullptr, .path = spec};
  if (is_url(spec)) return {.kind = &kind_named("tar"), .path = spec};
  const std::string name = spec.substr(0, colon);
  const auto found = std::find_if(kKinds.begin(), kKinds.end(), [&](const Kind& each) { return name == each.name; });
  if (found == kKinds.end()) fail_unknown_kind(spec, name);
  return {.kind = &*found, .path = spec.substr(colon + 1)};
}

/// The source with the names as they are stored.
std::unique_ptr<Source> open_stored(const std::string& spec, const Split& split, const OpenSettings& settings) {
  const Named named = parse(spec);
  if (is_url(named.path.string())) {
    if (named.kind->name != std::string_view("tar")) {
      fail_usage("{}: over the net tar shards are read, no {} data", spec, named.kind->name);
    }
    if (settings.val_share > 0 && !settings.share_where_needed && split != Split("test")) {
      return open_share(*named.kind, named.path, split, settings);
    }
    return open_tar(named.path, split, settings);
  }
  check_folder(named.path);
  return open_kind(named.kind != nullptr ? *named.kind : detect(named.path, split), named.path, split, settings);
}

}  // namespace

std::unique_ptr<Source> open_source(const std::string& spec, const Split& split, const OpenSettings& settings) {
  return printable_names(open_stored(spec, split, settings));
}

bool names_kind(const std::string& spec) {
  std::error_code ignored;
  const std::string name = spec.substr(0, spec.find(':'));
  if (fs::exists(spec, ignored) || name.size() == spec.size()) return false;
  return is_url(spec) || std::any_of(kKinds.begin(), kKinds.end(), [&](const Kind& kind) { return name == kind.name; });
}

bool is_data_set(const fs::path& folder) {
  return is_idx_prefix(folder) || (is_folder(folder) && (kind_of(folder) != nullptr || is_folder_pair(folder)));
}

bool has_split(const std::string& spec, const Split& split) {
  const Named named = parse(spec);
  if (is_url(named.path.string())) return split == Split::train || split == Split::val;
  check_folder(named.path);
  const Kind& kind = named.kind != nullptr ? *named.kind : detect(named.path, split);
  const bool whole = kind.is_whole != nullptr && split == Split::val && kind.is_whole(named.path);
  return whole || has_part(kind, named.path, split);
}

std::vector<std::uint8_t> Source::labels(std::int64_t index) const {
  fail("{}: its data set ({}) has no lists of labels", name(index), description());
}

image::Image Source::mask(std::int64_t index) const {
  fail("{}: its data set ({}) has no masks", name(index), description());
}

std::vector<std::string> Source::warnings() const {
  return odd_classes(*this);
}

}  // namespace springbok::data
