// Image folders in ImageNet layout: CLASS/.../IMAGE.
#include "springbok/data/folder_source.h"

#include <sys/stat.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/threads.h"
#include "springbok/data/digest.h"
#include "springbok/data/image_names.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;

/// What one class folder holds: image paths relative to `root`, and other files.
struct Found {
  std::vector<std::string> images;
  LeftOut others;
};

using FileId = std::pair<dev_t, ino_t>;

/// Lists a class folder and all folders below it.
class Scan {
 public:
  Scan(const fs::path& root, Found& found) : root_(root), found_(found) {}

  void folder(const fs::path& path) {
    enter(path);
    std::vector<std::string> names;
    std::vector<fs::path> below;
    for (const auto& entry : entries(path)) {
      if (entry.is_directory()) {
        below.push_back(entry.path());
        continue;
      }
      std::string name = entry.path().filename().string();
      is_image_name(name) ? names.push_back(std::move(name)) : found_.others.add(name);
    }
    std::sort(names.begin(), names.end());
    const std::string prefix = path.lexically_relative(root_).string() + "/";
    folders_.emplace_back(prefix, std::move(names));
    for (const fs::path& each : below) folder(each);
    above_.pop_back();
  }

  /// Images in the order of os.walk's sorted result: folders by their whole path, names within them.
  void collect() {
    std::sort(folders_.begin(), folders_.end(), [](const auto& a, const auto& b) {
      const std::string_view left = a.first, right = b.first;
      return left.substr(0, left.size() - 1) < right.substr(0, right.size() - 1);  // without the final '/'
    });
    for (const auto& [prefix, names] : folders_) {
      for (const std::string& name : names) found_.images.push_back(prefix + name);
    }
  }

 private:
  static fs::directory_iterator entries(const fs::path& path) {
    std::error_code error;
    fs::directory_iterator listed(path, error);
    if (error) fail("cannot list {}: {}", path.string(), error.message());
    return listed;
  }

  void enter(const fs::path& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) fail("cannot examine {}", path.string());
    const FileId id{status.st_dev, status.st_ino};
    if (std::find(above_.begin(), above_.end(), id) != above_.end()) {
      fail("{}: is a link to a folder that contains it; remove the link", path.string());
    }
    above_.push_back(id);
  }

  const fs::path& root_;
  Found& found_;
  std::vector<FileId> above_;
  std::vector<std::pair<std::string, std::vector<std::string>>> folders_;
};

/// Folders are classes; files beside them belong to none.
std::vector<std::string> class_names(const fs::path& folder, LeftOut& beside) {
  std::vector<std::string> names;
  std::int64_t files = 0;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.is_directory()) {
      names.push_back(entry.path().filename().string());
    } else {
      ++files;
      beside.add(entry.path().filename().string());
    }
  }
  if (error) fail("cannot list {}: {}", folder.string(), error.message());
  if (names.empty()) {
    fail("{}: no class folders; expected {}/CLASS/IMAGE.jpg, found {} files and no folder", folder.string(),
         folder.filename().string(), with_commas(files));
  }
  std::sort(names.begin(), names.end());
  return names;
}

class FolderSource : public Source {
 public:
  FolderSource(fs::path root, const fs::path& folder, const std::string& note)
      : root_(std::move(root)), classes_(class_names(folder, left_out_)) {
    std::vector<Found> found(classes_.size());
    parallel_for(found.size(), usable_cores(), [&](std::size_t i) {
      Scan scan(root_, found[i]);
      scan.folder(folder / classes_[i]);
      scan.collect();
    });
    check_none_empty(found, folder);
    for (std::size_t i = 0; i < found.size(); ++i) {
      for (const std::string& name : found[i].images) add(name, static_cast<std::int32_t>(i));
      left_out_.add(found[i].others);
    }
    const std::string told = left_out_.text();
    description_ = format("folder: {} images in {} classes ({}){}{}", with_commas(size()),
                          with_commas(static_cast<std::int64_t>(classes_.size())), folder.string(), note,
                          told.empty() ? "" : "; " + told);
  }

  std::int64_t size() const override { return static_cast<std::int64_t>(targets_.size()); }
  const std::vector<std::string>& classes() const override { return classes_; }
  int channels() const override { return 3; }
  std::int64_t target(std::int64_t index) const override { return targets_.at(static_cast<std::size_t>(index)); }
  std::string description() const override { return description_; }

  image::Image image(std::int64_t index, int channels) const override { return encoded(index, channels)->whole(); }
  std::optional<image::Encoded> encoded(std::int64_t index, int channels) const override {
    const std::string sample = name(index);
    std::vector<std::byte> memory = image::Encoded::spare();
    const std::size_t size = read_file(root_ / sample, memory);
    return image::Encoded(std::move(memory), {.table = 0, .image = size, .units = 0, .size = {}}, channels, sample);
  }

  std::string name(std::int64_t index) const override {
    const auto i = static_cast<std::size_t>(index);
    const std::size_t begin = i == 0 ? 0 : ends_.at(i - 1);
    return names_.substr(begin, ends_.at(i) - begin);
  }

  std::string digest() const override {
    Digest digest;
    digest.add_all(classes_);
    digest.add(names_);
    digest.add(std::as_bytes(std::span(ends_)));
    digest.add(std::as_bytes(std::span(targets_)));
    return digest.hex();
  }

 private:
  void add(const std::string& name, std::int32_t target) {
    names_ += name;
    ends_.push_back(names_.size());
    targets_.push_back(target);
  }

  void check_none_empty(const std::vector<Found>& found, const fs::path& folder) const {
    std::vector<std::string> empty;
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (found[i].images.empty()) empty.push_back(classes_[i]);
    }
    if (empty.empty()) return;
    fail("{}: no image in class {} {} (looked for {}); add images or remove the folder", folder.string(),
         empty.size() == 1 ? "folder" : "folders", join_first(empty), image_endings());
  }

  fs::path root_;
  LeftOut left_out_;  ///< filled with classes_, then by the scan
  std::vector<std::string> classes_;
  std::string names_;                ///< all names, one after the other
  std::vector<std::uint64_t> ends_;  ///< where each ends
  std::vector<std::int32_t> targets_;
  std::string description_;
};

}  // namespace

std::unique_ptr<Source> open_folder(const fs::path& root, const fs::path& classes_folder, const std::string& note) {
  return std::make_unique<FolderSource>(root, classes_folder, note);
}

}  // namespace springbok::data
