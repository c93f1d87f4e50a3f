// What the tests of this room share: fixtures, pictures, made-up sources, folders of images.
#pragma once

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/data/augment/transform.h"
#include "springbok/data/source/source.h"
#include "springbok/image/encode.h"

namespace springbok::data {

/// The rows of a file of tests/data/fixtures.
inline nlohmann::json fixture_rows(const std::string& name) {
  return nlohmann::json::parse(read_text(std::filesystem::path(SPRINGBOK_SOURCE_DIR) / "tests/data/fixtures" / name))
      .at("rows");
}

/// The test image of fixtures/make_fixtures.py.
inline image::Image picture(int height, int width, int channels) {
  image::Image image(height, width, channels);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < channels; ++c) {
        const int value = y * 31 + x * 17 + c * 57 + y * x % 251 + x / 5 * (y / 7) * 29;
        image.row(y)[x * channels + c] = static_cast<std::uint8_t>(value & 255);
      }
    }
  }
  return image;
}

/// A source of pictures that grow with their index, of class index % 3; `broken` samples throw.
class MadeUp : public Source {
 public:
  explicit MadeUp(std::int64_t size, std::vector<std::int64_t> broken = {}) : size_(size), broken_(std::move(broken)) {}

  std::int64_t size() const override { return size_; }
  const std::vector<std::string>& classes() const override { return classes_; }
  int channels() const override { return 3; }
  std::int64_t target(std::int64_t index) const override { return index % 3; }
  std::string name(std::int64_t index) const override { return "made/" + std::to_string(index); }
  std::string description() const override { return "made up"; }
  std::string digest() const override { return "0"; }
  image::Image image(std::int64_t index, int channels) const override {
    if (std::find(broken_.begin(), broken_.end(), index) != broken_.end()) fail("{}: is broken", name(index));
    return picture(10 + static_cast<int>(index % 7), 12 + static_cast<int>(index % 5), channels);
  }

 private:
  std::int64_t size_;
  std::vector<std::int64_t> broken_;
  std::vector<std::string> classes_{"a", "b", "c"};
};

/// A small training transform that draws numbers.
inline const Transform& training() {
  static const Transform transform(Preprocess{.size = 8}, Augment{.brightness = 0.2});
  return transform;
}

/// Writes an empty file and the folders above it.
inline void touch(const std::filesystem::path& path) {
  make_folder(path.parent_path());
  write_file(path, "");
}

/// Writes `image` as a PNG.
inline void write_png(const std::filesystem::path& path, const image::Image& image) {
  make_folder(path.parent_path());
  const std::vector<std::byte> bytes = image::encode_png(image);
  write_file(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace springbok::data
