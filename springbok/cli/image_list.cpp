// Images named one by one.
#include "springbok/cli/image_list.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/image/decode.h"

namespace springbok::cli {
namespace {

namespace fs = std::filesystem;

std::vector<std::byte> read_standard_input() {
  std::vector<std::byte> bytes;
  std::array<std::byte, 1 << 16> block;
  while (const std::size_t got = std::fread(block.data(), 1, block.size(), stdin)) {
    bytes.insert(bytes.end(), block.begin(), block.begin() + static_cast<std::ptrdiff_t>(got));
  }
  return bytes;
}

bool looks_like_image(const fs::path& path) {
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
  static constexpr std::array kEndings{".jpg", ".jpeg", ".png", ".webp"};
  return std::find(kEndings.begin(), kEndings.end(), ending) != kEndings.end();
}

void add_folder(const fs::path& folder, std::vector<std::string>& paths) {
  std::vector<std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && looks_like_image(entry.path())) found.push_back(entry.path().string());
  }
  if (found.empty()) fail("{}: no .jpg, .jpeg, .png or .webp files below this folder", folder.string());
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
      } else if (fs::exists(name)) {
        paths_.push_back(name);
      } else {
        fail("{}: no such file or folder", name);
      }
    }
  }

  std::int64_t size() const override { return static_cast<std::int64_t>(paths_.size()); }
  const std::vector<std::string>& classes() const override { return classes_; }
  int channels() const override { return 3; }
  image::Image image(std::int64_t index, int channels) const override {
    const std::string& path = paths_[static_cast<std::size_t>(index)];
    if (path == "-") return image::decode(standard_input_, channels, "standard input");
    return image::decode(read_file(path), channels, path);
  }
  std::int64_t target(std::int64_t) const override { return -1; }
  std::string name(std::int64_t index) const override { return paths_[static_cast<std::size_t>(index)]; }
  std::string description() const override { return format("{} images", with_commas(size())); }
  std::string digest() const override { return ""; }

 private:
  std::vector<std::string> paths_, classes_;
  std::vector<std::byte> standard_input_;
};

}  // namespace

std::unique_ptr<data::Source> open_images(const std::vector<std::string>& names) {
  return std::make_unique<ImageList>(names);
}

}  // namespace springbok::cli
