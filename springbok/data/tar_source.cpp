// WebDataset shards: the members of tar files, grouped into samples.
#include "springbok/data/tar_source.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <span>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/base/threads.h"
#include "springbok/data/bytes_source.h"
#include "springbok/data/class_names.h"
#include "springbok/data/http_file.h"
#include "springbok/data/image_names.h"
#include "springbok/data/shard_files.h"
#include "springbok/data/tar_reader.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;

/// `dir/0001.seg.png` -> (`dir/0001`, `seg.png`).
std::pair<std::string, std::string> split_name(const std::string& name) {
  const std::size_t slash = name.rfind('/');
  const std::size_t dot = name.find('.', slash == std::string::npos ? 0 : slash + 1);
  return {name.substr(0, dot), dot == std::string::npos ? "" : name.substr(dot + 1)};
}

bool is_class(const std::string& ending) {
  return ending == "cls" || ending == "cls.txt" || ending == "txt";
}

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

/// What has been found in one shard, in its order.
struct Found {
  std::vector<TarReader::Member> images;
  std::vector<std::string> labels;
};

/// Groups the members of one shard into samples.
class Scan {
 public:
  Scan(const ShardFiles& files, std::size_t shard) : shard_(files.name(shard)), reader_(at(files, shard)) {}

  Found samples() {
    Sample sample;
    while (const auto member = reader_.next()) {
      const auto [key, ending] = split_name(member->name);
      if (key != sample.key) finish(std::exchange(sample, {.key = key, .image = {}, .label = {}}));
      if (is_class(ending)) {
        sample.label = trimmed(reader_.text_of(*member));
      } else if (ending.find('.') == std::string::npos && is_image_name("." + ending)) {
        sample.image = member;
      }
    }
    finish(sample);
    return std::move(found_);
  }

 private:
  struct Sample {
    std::string key;
    std::optional<TarReader::Member> image;
    std::optional<std::string> label;
  };

  static TarReader at(const ShardFiles& files, std::size_t shard) {
    const auto read = [&files, shard](std::uint64_t offset, std::span<std::byte> room) {
      files.peek(shard, offset, room);
    };
    return {read, files.size(shard), files.name(shard)};
  }

  void finish(const Sample& sample) {
    if (sample.key.empty() || (!sample.image && !sample.label)) return;  // other members, such as json alone
    if (!sample.image) fail("{}/{}: has a class but no image ({})", shard_, sample.key, image_endings());
    if (!sample.label) fail("{}/{}: has no class; expected {}.cls beside it", shard_, sample.image->name, sample.key);
    found_.images.push_back(*sample.image);
    found_.labels.push_back(*sample.label);
  }

  const std::string& shard_;
  TarReader reader_;
  Found found_;
};

class TarSource : public BytesSource {
 public:
  TarSource(std::unique_ptr<ShardFiles> files, const std::string& place) : files_(std::move(files)) {
    std::vector<Found> found(files_->count());
    parallel_for(found.size(), files_->threads(), [&](std::size_t i) { found[i] = Scan(*files_, i).samples(); });
    std::vector<std::string> labels;
    for (Found& each : found) {
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
  }

  std::string name(std::int64_t index) const override {
    return files_->name(shard_of(index)) + "/" + image_at(index).name;
  }
  std::span<const std::int64_t> shards() const override { return ends_; }

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

std::unique_ptr<Source> open_tar(const fs::path& folder, Split split) {
  const std::string base = folder.string(), place = base + (split == Split::train ? "/train" : "/val");
  if (is_url(base) || has_shard_list(folder, split))
    return std::make_unique<TarSource>(listed_shards(base, split), place);
  return std::make_unique<TarSource>(local_shards(folder, split), place);
}

}  // namespace springbok::data
