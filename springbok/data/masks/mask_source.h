// Inside the room: what sources of images with masks share: pairs of files below a root.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "springbok/data/source/bytes_source.h"

namespace springbok::data {

/// An image and its mask, below a root.
struct MaskPair {
  std::string image, mask;
};

/// Samples are named by their image. The derived class adds the description.
class MaskSource : public BytesSource {
 public:
  /// `from` says where the pairs come from, for messages: a list's path, or a folder's. Images and masks that are not
  /// there are warned of; using one is an Error. Throws Error where none is there, and where there are no pairs.
  MaskSource(std::filesystem::path root, std::vector<std::string> classes, std::vector<MaskPair> pairs,
             std::string from);

  TargetKind target_kind() const override { return TargetKind::masks; }
  std::int64_t size() const override { return static_cast<std::int64_t>(pairs_.size()); }
  std::int64_t target(std::int64_t index) const override {
    pair(index);
    return -1;
  }
  image::Image mask(std::int64_t index) const override;
  std::string name(std::int64_t index) const override { return pair(index).image; }
  std::string stamp(std::int64_t index) const override;
  std::vector<std::string> warnings() const override { return warnings_; }
  std::string digest() const override;

 protected:
  image::Encoded::Contents read(std::int64_t index, std::vector<std::byte>& memory) const override;
  const MaskPair& pair(std::int64_t index) const { return pairs_.at(static_cast<std::size_t>(index)); }

  std::vector<std::string> warnings_;

 private:
  void look_for(std::string MaskPair::*file, const char* what, const std::string& from);

  std::filesystem::path root_;
  std::vector<MaskPair> pairs_;
};

}  // namespace springbok::data
