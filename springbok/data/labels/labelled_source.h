// Inside the room: what sources of images with label sets share: names, sets, and files below a root.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "springbok/base/file.h"
#include "springbok/data/folder/folder_tree.h"
#include "springbok/data/source/bytes_source.h"
#include "springbok/data/source/label_sets.h"

namespace springbok::data {

/// The derived class's constructor fills names and sets, and classes and description as for BytesSource.
class LabelledSource : public BytesSource {
 public:
  explicit LabelledSource(std::filesystem::path root) : root_(std::move(root)) {}

  TargetKind target_kind() const override { return TargetKind::labels; }
  std::int64_t size() const override { return static_cast<std::int64_t>(names_.size()); }
  std::int64_t target(std::int64_t index) const override {
    names_.at(static_cast<std::size_t>(index));
    return -1;
  }
  std::vector<std::uint8_t> labels(std::int64_t index) const override {
    return sets_.dense(static_cast<std::size_t>(index), classes_.size());
  }
  std::string name(std::int64_t index) const override { return names_.at(static_cast<std::size_t>(index)); }
  std::string stamp(std::int64_t index) const override { return file_stamp(root_ / name(index)); }
  std::vector<std::string> warnings() const override { return warnings_; }
  std::string digest() const override {
    Digest digest;
    digest.add_all(classes_);
    digest.add_all(names_);
    sets_.add_to(digest);
    return digest.hex();
  }

 protected:
  image::Encoded::Contents read(std::int64_t index, std::vector<std::byte>& memory) const override {
    return {.table = 0, .image = read_file(root_ / name(index), memory), .units = 0, .size = {}};
  }

  std::filesystem::path root_;
  std::vector<std::string> names_;  ///< files below the root
  LabelSets sets_;
  std::vector<std::string> warnings_;
};

}  // namespace springbok::data
