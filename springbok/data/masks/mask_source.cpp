// Images with masks beside them.
#include "springbok/data/masks/mask_source.h"

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/data/folder/folder_tree.h"
#include "springbok/data/masks/mask_file.h"

namespace springbok::data {

namespace fs = std::filesystem;

MaskSource::MaskSource(fs::path root, std::vector<std::string> classes, std::vector<MaskPair> pairs, std::string from)
    : root_(std::move(root)), pairs_(std::move(pairs)) {
  classes_ = std::move(classes);
  if (pairs_.empty()) fail("{}: no image with a mask", from);
  if (classes_.size() > kIgnored) {
    fail("{}: {} classes, where a mask can tell {} apart", (root_ / "classes.txt").string(), classes_.size(), kIgnored);
  }
  look_for(&MaskPair::image, "image", from);
  look_for(&MaskPair::mask, "mask", from);
}

void MaskSource::look_for(std::string MaskPair::*file, const char* what, const std::string& from) {
  std::vector<std::string> missing;
  std::error_code ignored;
  for (const MaskPair& each : pairs_) {
    if (!fs::is_regular_file(root_ / (each.*file), ignored)) missing.push_back(each.*file);
  }
  const std::int64_t count = std::ssize(missing);
  if (count == size()) {
    fail("{}: none of its {} {}s is there, in {}: {}", from, with_commas(count), what, root_.string(),
         join_first(missing, 2));
  }
  if (count > 0) {
    warnings_.push_back(format("{}: of {} {}s {} {} not there, and loading one is an error: {}", from,
                               with_commas(size()), what, with_commas(count), count == 1 ? "is" : "are",
                               join_first(missing)));
  }
}

image::Image MaskSource::mask(std::int64_t index) const {
  const image::Size size = encoded(index, channels())->size();
  const MaskPair& files = pair(index);
  return decode_mask(read_file(root_ / files.mask), files.mask, size, classes_.size());
}

std::string MaskSource::stamp(std::int64_t index) const {
  return file_stamp(root_ / pair(index).image) + " " + file_stamp(root_ / pair(index).mask);
}

std::string MaskSource::digest() const {
  Digest digest;
  digest.add_all(classes_);
  for (const MaskPair& each : pairs_) {
    digest.add(each.image);
    digest.add(each.mask);
  }
  return digest.hex();
}

image::Encoded::Contents MaskSource::read(std::int64_t index, std::vector<std::byte>& memory) const {
  return {.table = 0, .image = read_file(root_ / pair(index).image, memory), .units = 0, .size = {}};
}

}  // namespace springbok::data
