// WebDataset shards: tar files of samples.
#include "springbok/data/shards/tar_source.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <span>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/base/lines.h"
#include "springbok/data/folder/image_names.h"
#include "springbok/data/labels/label_lists.h"
#include "springbok/data/masks/mask_file.h"
#include "springbok/data/shards/http_file.h"
#include "springbok/data/shards/shard_files.h"
#include "springbok/data/shards/shard_names.h"
#include "springbok/data/shards/shard_samples.h"
#include "springbok/data/source/bytes_source.h"
#include "springbok/data/source/class_names.h"
#include "springbok/data/source/label_sets.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;

/// The rule for names with several dots, and what the shards hold by it.
struct Reading {
  NameRule rule = NameRule::first_dot;
  IndexedShards found;
};

/// The first shard that has something in the field.
std::string first_of(const IndexedShards& found, std::string ShardSamples::*field) {
  for (const ShardSamples& shard : found.shards) {
    if (!(shard.*field).empty()) return shard.*field;
  }
  return "";
}

Reading read_shards(const ShardFiles& files, const OpenSettings& settings, TarNames names) {
  const auto read = [&](NameRule rule) {
    return Reading{rule, indexed_shards(files, files.place(), {.rescan = settings.rescan, .rule = rule})};
  };
  Reading reading = read(names == TarNames::last_dot ? NameRule::last_dot : NameRule::first_dot);
  if (names == TarNames::fitting) {
    const std::string unfit = first_of(reading.found, &ShardSamples::unfit);
    if (!unfit.empty()) {
      reading = read(NameRule::last_dot);
      if (!first_of(reading.found, &ShardSamples::problem).empty()) {
        fail(
            "{}: taken up to the first dot of its name it has no place in a sample, and up to the last one not all "
            "images have a class; choose a rule with tar-first-dot:PATH (as WebDataset) or tar-last-dot:PATH",
            unfit);
      }
    }
  }
  if (const std::string problem = first_of(reading.found, &ShardSamples::problem); !problem.empty())
    fail("{}", problem);
  return reading;
}

TargetKind kind_of(std::size_t ending) {
  return ending < kLabelEndings.size() ? TargetKind::classes : ending == kMask ? TargetKind::masks : TargetKind::labels;
}

/// What all samples are labelled with, and in which members: `.cls`, or `.cls and .json`.
struct Endings {
  TargetKind kind = TargetKind::classes;
  std::size_t last = 0;
  std::string text;
};

/// A text counts only where it is the one ending of all: beside others it may be a caption.
Endings label_endings(const IndexedShards& found) {
  std::array<std::string, kAllEndings> first;  // the first image of each ending, as in `0.tar/0001.jpg`
  for (const ShardSamples& shard : found.shards) {
    for (std::size_t i = 0; i < shard.images.size(); ++i) {
      std::string& name = first.at(shard.label_endings[i]);
      if (name.empty()) name = shard.images[i].name;
    }
  }
  std::vector<std::string> used;
  std::optional<std::size_t> one;
  for (std::size_t i = 0; i < first.size(); ++i) {
    if (first.at(i).empty()) continue;
    if (one && kind_of(*one) != kind_of(i)) {
      fail("{} has a .{} and {} a .{}; a data set has classes, labels or masks, and all samples the same",
           first.at(*one), target_ending(*one), first.at(i), target_ending(i));
    }
    one = i;
    used.push_back(format(".{}", target_ending(i)));
  }
  const std::string& text = first.at(kTextEnding);
  if (!text.empty() && used.size() > 1) {
    fail("{}: its class could only be in a .txt, but others have {}; give it one too, or leave it out", text,
         used.front());
  }
  const std::string lone = text.empty() ? "" : first_of(found, &ShardSamples::lone_text);
  if (kind_of(one.value_or(0)) == TargetKind::labels && used.size() > 1) {
    fail("labels come from {}; give all samples the same", join(used, " and "));
  }
  if (!lone.empty()) fail("{}: has a class but no image ({})", lone, image_endings());
  return {.kind = kind_of(one.value_or(0)), .last = one.value_or(0), .text = join(used, " and ")};
}

/// What a user should know of how names and labels were read.
std::string notes(const Reading& reading) {
  std::string text;
  if (!first_of(reading.found, &ShardSamples::dotted).empty()) {
    text += reading.rule == NameRule::first_dot
                ? ", names up to the first dot (tar-last-dot:PATH takes the last)"
                : ", names up to the last dot (tar-first-dot:PATH takes the first, as WebDataset)";
  }
  const std::string disagree = first_of(reading.found, &ShardSamples::disagree);
  return disagree.empty() ? text : text + format(", other labels disagree ({})", disagree);
}

class TarSource : public BytesSource {
 public:
  TarSource(std::unique_ptr<ShardFiles> files, const OpenSettings& settings, TarNames names)
      : files_(std::move(files)) {
    const std::string& place = files_->place();
    Reading reading = read_shards(*files_, settings, names);
    const Endings endings = label_endings(reading.found);
    const std::string told = notes(reading);
    kind_ = endings.kind;
    label_ending_ = endings.last;
    LeftOut left_out = files_->left_out();
    std::vector<std::string> labels;
    for (ShardSamples& each : reading.found.shards) {
      std::move(each.images.begin(), each.images.end(), std::back_inserter(images_));
      std::move(each.labels.begin(), each.labels.end(), std::back_inserter(labels));
      std::move(each.masks.begin(), each.masks.end(), std::back_inserter(masks_));
      ends_.push_back(static_cast<std::int64_t>(images_.size()));
      left_out.add(each.left_out);
    }
    if (images_.empty()) {
      fail("{}: no *.tar files with samples{}", place, left_out.total() == 0 ? "" : "; " + left_out.text());
    }
    take_targets(labels);
    constexpr std::array<const char*, 3> kOf{"in", "with labels of", "with masks of"};
    constexpr std::array<const char*, 3> kWhat{"classes", "labels", "masks"};
    const auto kind = static_cast<std::size_t>(kind_);
    description_ = format("tar: {} images {} {} classes, {} shards ({}), {} from {}{}{}", with_commas(size()),
                          kOf.at(kind), classes_.size(), files_->count(), place, kWhat.at(kind), endings.text, told,
                          left_out.total() == 0 ? "" : "; " + left_out.text());
    const auto shards = static_cast<std::int64_t>(files_->count());
    const IndexedShards& found = reading.found;
    if (settings.looked) settings.looked({"shards", found.read, shards - found.read, found.index});
  }

  std::string name(std::int64_t index) const override {
    return files_->name(shard_of(index)) + "/" + image_at(index).name;
  }
  std::string stamp(std::int64_t index) const override { return files_->stamp(shard_of(index)); }
  std::span<const std::int64_t> shards() const override { return ends_; }
  void expect(std::int64_t index) const override {
    const TarReader::Member& member = image_at(index);
    files_->expect(shard_of(index), member.at, member.size);
    if (kind_ != TargetKind::masks) return;
    const TarReader::Member& mask = masks_.at(static_cast<std::size_t>(index));
    files_->expect(shard_of(index), mask.at, mask.size);
  }
  TargetKind target_kind() const override { return kind_; }
  std::vector<std::uint8_t> labels(std::int64_t index) const override {
    if (kind_ != TargetKind::labels) return Source::labels(index);
    return sets_.dense(static_cast<std::size_t>(index), classes_.size());
  }
  image::Image mask(std::int64_t index) const override {
    if (kind_ != TargetKind::masks) return Source::mask(index);
    const image::Size size = encoded(index, channels())->size();
    const TarReader::Member& member = masks_.at(static_cast<std::size_t>(index));
    std::vector<std::byte> png(static_cast<std::size_t>(member.size));
    files_->read(shard_of(index), member.at, png);
    return decode_mask(png, files_->name(shard_of(index)) + "/" + member.name, size, classes_.size());
  }
  std::string digest() const override {
    if (kind_ != TargetKind::labels) return BytesSource::digest();
    Digest digest;
    digest.add(BytesSource::digest());
    sets_.add_to(digest);
    return digest.hex();
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
  void take_targets(const std::vector<std::string>& labels) {
    if (kind_ == TargetKind::classes) {
      Labelled labelled = label(labels, files_->classes(), files_->place());
      classes_ = std::move(labelled.classes);
      targets_ = std::move(labelled.targets);
      return;
    }
    targets_.assign(images_.size(), -1);
    classes_ = files_->classes();
    if (kind_ == TargetKind::labels) take_label_sets(labels);
    if (kind_ == TargetKind::masks && classes_.empty()) classes_ = voc_classes();
  }

  void take_label_sets(const std::vector<std::string>& texts) {
    LabelLists lines;
    for (const std::string& text : texts) {
      lines.push_back(lines_of(text, name(std::ssize(lines))));
      std::erase(lines.back(), "");
    }
    const bool split = label_ending_ == kLabelsText;
    ClassSets made = class_sets(split ? split_texts(lines, classes_).lists : lines, classes_,
                                [&](std::size_t i) { return name(static_cast<std::int64_t>(i)); });
    classes_ = std::move(made.classes);
    sets_ = std::move(made.sets);
  }

  const TarReader::Member& image_at(std::int64_t index) const { return images_.at(static_cast<std::size_t>(index)); }
  std::size_t shard_of(std::int64_t index) const {
    return static_cast<std::size_t>(std::upper_bound(ends_.begin(), ends_.end(), index) - ends_.begin());
  }

  std::unique_ptr<ShardFiles> files_;
  std::vector<TarReader::Member> images_;
  std::vector<std::int64_t> ends_;  ///< of each shard
  TargetKind kind_ = TargetKind::classes;
  std::size_t label_ending_ = 0;
  std::vector<TarReader::Member> masks_;  ///< of each image, where there are masks
  LabelSets sets_;
};

}  // namespace

bool has_shards(const fs::path& folder, const Split& split) {
  const LocalShardNames local = find_local_shards(folder, split);
  return (!local.names.empty() && !local.beside_folders) || has_shard_list(folder, split);
}

std::unique_ptr<Source> open_tar(const fs::path& folder, const Split& split, const OpenSettings& settings,
                                 TarNames names) {
  const std::string base = folder.string();
  const bool listed = is_url(base) || has_shard_list(folder, split);
  return std::make_unique<TarSource>(listed ? listed_shards(base, split) : local_shards(folder, split), settings,
                                     names);
}

}  // namespace springbok::data
