// WebDataset shards: tar files of samples.
#include "springbok/data/tar_source.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/data/bytes_source.h"
#include "springbok/data/class_names.h"
#include "springbok/data/http_file.h"
#include "springbok/data/shard_files.h"
#include "springbok/data/shard_samples.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;

class TarSource : public BytesSource {
 public:
  TarSource(std::unique_ptr<ShardFiles> files, const std::string& place, const OpenSettings& settings)
      : files_(std::move(files)) {
    IndexedShards found = indexed_shards(*files_, place, {.rescan = settings.rescan});
    std::vector<std::string> labels;
    for (ShardSamples& each : found.shards) {
      std::move(each.images.begin(), each.images.end(), std::back_inserter(images_));
      std::move(each.labels.begin(), each.labels.end(), std::back_inserter(labels));
      ends_.push_back(static_cast<std::int64_t>(images_.size()));
    }
    if (images_.empty()) fail("{}: no *.tar files with samples", place);
    Labelled labelled = label(labels, files_->classes(), place);
    classes_ = std::move(labelled.classes);
    targets_ = std::move(labelled.targets);
    description_ = format("tar: {} images in {} classes, {} shards ({})", with_commas(size()), classes_.size(),
                          files_->count(), place);
    const auto shards = static_cast<std::int64_t>(files_->count());
    if (settings.looked) settings.looked({"shards", found.read, shards - found.read, found.index});
  }

  std::string name(std::int64_t index) const override {
    return files_->name(shard_of(index)) + "/" + image_at(index).name;
  }
  std::span<const std::int64_t> shards() const override { return ends_; }
  void expect(std::int64_t index) const override {
    const TarReader::Member& member = image_at(index);
    files_->expect(shard_of(index), member.at, member.size);
  }

  /// So that what is mixed lies within half of what the shards keep.
  std::int64_t shuffle_buffer() const override {
    if (files_->kept() == 0) return 0;
    std::uint64_t bytes = 0;
    for (std::size_t i = 0; i < files_->count(); ++i) bytes += files_->size(i);
    const std::uint64_t each = std::max<std::uint64_t>(1, bytes / images_.size());
    return static_cast<std::int64_t>(std::clamp<std::uint64_t>(files_->kept() / 2 / each, 1, 4096));
  }

 protected:
  image::Encoded::Contents read(std::int64_t index, std::vector<std::byte>& memory) const override {
    const TarReader::Member& member = image_at(index);
    const auto size = static_cast<std::size_t>(member.size);
    if (memory.size() < size) memory.resize(size);
    files_->read(shard_of(index), member.at, std::span(memory).first(size));
    return {.table = 0, .image = size, .units = 0, .size = {}};
  }

 private:
  const TarReader::Member& image_at(std::int64_t index) const { return images_.at(static_cast<std::size_t>(index)); }
  std::size_t shard_of(std::int64_t index) const {
    return static_cast<std::size_t>(std::upper_bound(ends_.begin(), ends_.end(), index) - ends_.begin());
  }

  std::unique_ptr<ShardFiles> files_;
  std::vector<TarReader::Member> images_;
  std::vector<std::int64_t> ends_;  ///< of each shard
};

}  // namespace

bool has_shards(const fs::path& folder, Split split) {
  return has_local_shards(folder, split) || has_shard_list(folder, split);
}

std::unique_ptr<Source> open_tar(const fs::path& folder, Split split, const OpenSettings& settings) {
  const std::string base = folder.string(), place = base + (split == Split::train ? "/train" : "/val");
  if (is_url(base) || has_shard_list(folder, split))
    return std::make_unique<TarSource>(listed_shards(base, split), place, settings);
  return std::make_unique<TarSource>(local_shards(folder, split), place, settings);
}

}  // namespace springbok::data
