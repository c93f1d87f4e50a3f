// Which files of a folder are images, told by the endings of their names, and a count of the others.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace springbok::data {

/// Whether the name ends as images of torchvision's ImageFolder do, in any case: .jpg, .jpeg, .png, .ppm, .bmp, .pgm,
/// .tif, .tiff, .webp. GIFs are read where they are named, but a folder's are left out, and counted, as there.
bool is_image_name(std::string_view name);

/// `.jpg, .jpeg, .png, ...`.
std::string image_endings();

/// Files that are no images, by ending.
class LeftOut {
 public:
  void add(const std::string& name);
  void add(const LeftOut& others);
  void remove(const std::string& name);  ///< one that was added
  void add(const std::string& ending, std::int64_t count) { counts_[ending] += count; }
  std::int64_t total() const;
  const std::map<std::string, std::int64_t>& counts() const { return counts_; }
  /// `3 other files left out (2 .txt, 1 none)`, or "" when there are none.
  std::string text() const;
  bool operator==(const LeftOut&) const = default;

 private:
  std::map<std::string, std::int64_t> counts_;
};

}  // namespace springbok::data
