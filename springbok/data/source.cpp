// Opening sources: kinds, detection and the first so many samples.
#include "springbok/data/source.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/data/cifar_source.h"
#include "springbok/data/digest.h"
#include "springbok/data/folder_source.h"
#include "springbok/data/idx_source.h"
#include "springbok/data/list_source.h"
#include "springbok/data/lmdb_source.h"
#include "springbok/data/pack_source.h"
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

std::unique_ptr<Source> open_split_folder(const fs::path& root, Split split) {
  if (is_folder(root / split_folder(split))) return open_folder(root, root / split_folder(split), "");
  const bool other_split = is_folder(root / "train") || is_folder(root / "val");
  if (!other_split && split == Split::val) return open_folder(root, root, ", itself taken as the class folders");
  fail("{}: no {}/ folder; expected {}/CLASS/IMAGE.jpg, found {}", root.string(), split_folder(split),
       split_folder(split), contents(root));
}

struct Kind {
  const char* name;
  std::unique_ptr<Source> (*open)(const fs::path&, Split);
};

constexpr std::array<Kind, 7> kKinds{{{"folder", open_split_folder},
                                      {"idx", open_idx},
                                      {"cifar", open_cifar},
                                      {"lmdb", open_lmdb},
                                      {"pack", open_pack},
                                      {"tar", open_tar},
                                      {"list", open_list}}};

bool has_folders(const fs::path& path) {
  std::error_code error;
  const auto entries = fs::directory_iterator(path, error);
  return std::any_of(begin(entries), end(entries), [&](const auto& entry) { return entry.is_directory(error); });
}

std::unique_ptr<Source> detect(const fs::path& path, Split split) {
  for (const Split any : {Split::train, Split::val}) {
    if (!find_idx_images(path, any).empty()) return open_idx(path, split);
  }
  if (!find_cifar(path).empty()) return open_cifar(path, split);
  for (const Split any : {Split::train, Split::val}) {
    if (has_shards(path, any)) return open_tar(path, split);
    if (has_lmdb(path, any)) return open_lmdb(path, split);
    if (has_pack(path, any)) return open_pack(path, split);
  }
  const bool split_folders = is_folder(path / "train") || is_folder(path / "val");
  for (const char* list : {"train.txt", "val.txt"}) {
    if (!split_folders && is_file(path / list)) return open_list(path, split);
  }
  if (has_folders(path)) return open_split_folder(path, split);
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

/// Samples spread evenly over another source.
class Limited : public Source {
 public:
  Limited(std::unique_ptr<Source> source, std::int64_t limit) : source_(std::move(source)), limit_(limit) {}

  std::int64_t size() const override { return limit_; }
  const std::vector<std::string>& classes() const override { return source_->classes(); }
  int channels() const override { return source_->channels(); }
  image::Image image(std::int64_t index, int channels) const override { return source_->image(at(index), channels); }
  std::optional<image::Encoded> encoded(std::int64_t index, int channels) const override {
    return source_->encoded(at(index), channels);
  }
  void check_stored(std::int64_t index) const override { source_->check_stored(at(index)); }
  std::int64_t target(std::int64_t index) const override { return source_->target(at(index)); }
  std::string name(std::int64_t index) const override { return source_->name(at(index)); }
  std::string description() const override {
    return format("{}, limited to {}", source_->description(), with_commas(limit_));
  }
  std::string digest() const override {
    Digest digest;
    digest.add(source_->digest());
    digest.add(std::to_string(limit_));
    return digest.hex();
  }

 private:
  std::int64_t at(std::int64_t index) const {
    check(index >= 0 && index < limit_, "a sample's index lies in its source");
    // floor(index * size / limit) without the product, which may not fit
    const std::int64_t whole = source_->size() / limit_, rest = source_->size() % limit_;
    return index * whole + index * rest / limit_;
  }

  std::unique_ptr<Source> source_;
  std::int64_t limit_;
};

}  // namespace

std::unique_ptr<Source> open_source(const std::string& spec, Split split) {
  std::error_code ignored;
  const std::size_t colon = spec.find(':');
  if (colon == std::string::npos || fs::exists(spec, ignored)) {
    check_folder(spec);
    return detect(spec, split);
  }
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
  check_folder(path);
  return found->open(path, split);
}

std::unique_ptr<Source> limited(std::unique_ptr<Source> source, std::int64_t limit) {
  check(limit >= 0, "a limit is 0 or more");
  if (limit == 0 || limit >= source->size()) return source;
  return std::make_unique<Limited>(std::move(source), limit);
}

}  // namespace springbok::data
