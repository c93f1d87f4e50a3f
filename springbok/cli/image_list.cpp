// Images named one by one.
#include "springbok/cli/image_list.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <set>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/quote.h"
#include "springbok/data/folder/image_names.h"
#include "springbok/image/encoded.h"

namespace springbok::cli {
namespace {

namespace fs = std::filesystem;

std::vector<std::byte> read_standard_input() {
  std::vector<std::byte> bytes;
  std::array<std::byte, 1 << 16> block;
  while (const std::size_t got = std::fread(block.data(), 1, block.size(), stdin)) {
    bytes.insert(bytes.end(), block.begin(), block.begin() + static_cast<std::ptrdiff_t>(got));
  }
  if (std::ferror(stdin) != 0) fail("standard input: cannot be read: {}", std::strerror(errno));
  return bytes;
}

/// All images below a folder, through links too. A link that leads nowhere counts: reading it says so.
void add_folder(const fs::path& folder, std::vector<std::string>& paths) {
  std::vector<std::string> found;
  data::LeftOut others;
  for (const auto& entry : fs::recursive_directory_iterator(folder, fs::directory_options::follow_directory_symlink)) {
    if (entry.is_directory()) continue;
    if (data::is_image_name(entry.path().filename().string())) {
      found.push_back(entry.path().string());
    } else {
      others.add(entry.path().filename().string());
    }
  }
  if (found.empty()) fail("{}: no {} files below this folder", folder.string(), data::image_endings());
  if (!others.text().empty()) std::fprintf(stderr, "%s\n", one_line(folder.string() + ": " + others.text()).c_str());
  std::sort(found.begin(), found.end());
  paths.insert(paths.end(), found.begin(), found.end());
}

class ImageList : public data::Source {
 public:
  explicit ImageList(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      if (name == "-") {
        if (!standard_input_.empty()) fail_usage("-: standard input can be read once");
        standard_input_ = read_standard_input();
        paths_.push_back(name);
      } else if (fs::is_directory(name)) {
        add_folder(name, paths_);
        add_labels(name);
      } else if (fs::exists(name)) {
        paths_.push_back(name);
      } else {
        fail("{}: no such file or folder", name);
      }
      labels_.resize(paths_.size());
    }
    const std::set<std::string> distinct(labels_.begin(), labels_.end());
    classes_.assign(distinct.begin(), distinct.end());
    std::erase(classes_, "");
  }

  std::int64_t size() const override { return static_cast<std::int64_t>(paths_.size()); }
  const std::vector<std::string>& classes() const override { return classes_; }
  int channels() const override { return 3; }
  image::Image image(std::int64_t index, int channels) const override { return encoded(index, channels)->whole(); }
  std::optional<image::Encoded> encoded(std::int64_t index, int channels) const override {
    const std::string& path = paths_[static_cast<std::size_t>(index)];
    if (path == "-") return image::Encoded(standard_input_, channels, "- (standard input)");
    return image::Encoded(read_file(path), channels, path);
  }
  std::int64_t target(std::int64_t index) const override {
    const std::string& label = labels_[static_cast<std::size_t>(index)];
    if (label.empty()) return -1;
    return std::lower_bound(classes_.begin(), classes_.end(), label) - classes_.begin();
  }
  std::string name(std::int64_t index) const override { return printable(paths_[static_cast<std::size_t>(index)]); }
  std::string description() const override { return format("{} images", with_commas(size())); }
  std::string digest() const override { return ""; }

 private:
  /// The folders just below the one named, by which its images lie.
  void add_labels(const std::string& folder) {
    for (std::size_t i = labels_.size(); i < paths_.size(); ++i) {
      const fs::path below = fs::path(paths_[i]).lexically_relative(folder);
      labels_.push_back(below.has_parent_path() ? printable(below.begin()->string()) : "");
    }
  }

  std::vector<std::string> paths_, labels_, classes_;
  std::vector<std::byte> standard_input_;
};

}  // namespace

std::unique_ptr<data::Source> open_images(const std::vector<std::string>& names) {
  return std::make_unique<ImageList>(names);
}

}  // namespace springbok::cli
