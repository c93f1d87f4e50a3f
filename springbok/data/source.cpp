// Opening sources: kinds and detection.
#include "springbok/data/source.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/data/cifar_source.h"
#include "springbok/data/folder_source.h"
#include "springbok/data/http_file.h"
#include "springbok/data/idx_source.h"
#include "springbok/data/list_source.h"
#include "springbok/data/lmdb_source.h"
#include "springbok/data/pack_source.h"
#include "springbok/data/printable_names.h"
#include "springbok/data/tar_source.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;

const char* split_folder(Split split) {
  return split == Split::train ? "train" : "val";
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

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

std::unique_ptr<Source> open_split_folder(const fs::path& root, Split split, const OpenSettings& settings) {
  if (is_folder(root / split_folder(split))) return open_folder(root, root / split_folder(split), "", settings);
  const bool other_split = is_folder(root / "train") || is_folder(root / "val");
  if (!other_split && split == Split::val) {
    return open_folder(root, root, ", itself taken as the class folders", settings);
  }
  fail("{}: no {}/ folder; expected {}/CLASS/IMAGE.jpg, found {}", root.string(), split_folder(split),
       split_folder(split), contents(root));
}

/// Opens a kind that has no index.
template <auto open>
std::unique_ptr<Source> plain(const fs::path& path, Split split, const OpenSettings& /*settings*/) {
  return open(path, split);
}

template <TarNames names>
std::unique_ptr<Source> tar_by(const fs::path& path, Split split, const OpenSettings& settings) {
  return open_tar(path, split, settings, names);
}

struct Kind {
  const char* name;
  std::unique_ptr<Source> (*open)(const fs::path&, Split, const OpenSettings&);
};

constexpr std::array<Kind, 9> kKinds{{{"folder", open_split_folder},
                                      {"idx", plain<open_idx>},
                                      {"cifar", plain<open_cifar>},
                                      {"lmdb", plain<open_lmdb>},
                                      {"pack", plain<open_pack>},
                                      {"tar", tar_by<TarNames::fitting>},
                                      {"tar-first-dot", tar_by<TarNames::first_dot>},
                                      {"tar-last-dot", tar_by<TarNames::last_dot>},
                                      {"list", plain<open_list>}}};

bool has_folders(const fs::path& path) {
  std::error_code error;
  const auto entries = fs::directory_iterator(path, error);
  return std::any_of(begin(entries), end(entries), [&](const auto& entry) { return entry.is_directory(error); });
}

std::unique_ptr<Source> detect(const fs::path& path, Split split, const OpenSettings& settings) {
  for (const Split any : {Split::train, Split::val}) {
    if (!find_idx_images(path, any).empty()) return open_idx(path, split);
  }
  if (!find_cifar(path).empty()) return open_cifar(path, split);
  for (const Split any : {Split::train, Split::val}) {
    if (has_shards(path, any)) return open_tar(path, split, settings);
    if (has_lmdb(path, any)) return open_lmdb(path, split);
    if (has_pack(path, any)) return open_pack(path, split);
  }
  const bool split_folders = is_folder(path / "train") || is_folder(path / "val");
  for (const char* list : {"train.txt", "val.txt"}) {
    if (!split_folders && is_file(path / list)) return open_list(path, split);
  }
  if (has_folders(path)) return open_split_folder(path, split, settings);
  fail(
      "{}: no data of a known kind; looked for image folders ({}/CLASS/IMAGE.jpg), IDX files ({}), CIFAR's binary "
      "files, {}.pack, {}.lmdb, {}/*.tar and {}.txt, found {}",
      path.string(), split_folder(split), idx_names(split), split_folder(split), split_folder(split),
      split_folder(split), split_folder(split), contents(path));
}

void check_folder(const fs::path& path) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) fail("{}: no such folder", path.string());
  if (!is_folder(path)) fail("{}: is a file; give the folder with the images or IDX files", path.string());
}

/// The source with the names as they are stored.
std::unique_ptr<Source> open_stored(const std::string& spec, Split split, const OpenSettings& settings) {
  std::error_code ignored;
  const std::size_t colon = spec.find(':');
  if (colon == std::string::npos || fs::exists(spec, ignored)) {
    check_folder(spec);
    return detect(spec, split, settings);
  }
  if (is_url(spec)) return open_tar(spec, split, settings);
  const std::string kind = spec.substr(0, colon);
  const fs::path path = spec.substr(colon + 1);
  const auto found = std::find_if(kKinds.begin(), kKinds.end(), [&](const Kind& each) { return kind == each.name; });
  if (found == kKinds.end()) {
    std::vector<std::string> names, forms;
    for (const Kind& each : kKinds) {
      names.emplace_back(each.name);
      forms.push_back(format("{}:PATH", each.name));
    }
    const std::string near = closest(kind, names);
    fail_usage("{}: no such folder, and no kind of data is called '{}'{}; known: {}", spec, kind,
               near.empty() ? "" : format(" (did you mean '{}'?)", near), join(forms));
  }
  if (is_url(path.string())) {
    if (!kind.starts_with("tar")) fail_usage("{}: over the net tar shards are read, no {} data", spec, kind);
  } else {
    check_folder(path);
  }
  return found->open(path, split, settings);
}

}  // namespace

std::unique_ptr<Source> open_source(const std::string& spec, Split split, const OpenSettings& settings) {
  return printable_names(open_stored(spec, split, settings));
}

}  // namespace springbok::data
