// Writing packed data sets: images in parallel, the file in order.
#include "springbok/data/pack/pack.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/json.h"
#include "springbok/base/quote.h"
#include "springbok/base/random_file.h"
#include "springbok/base/threads.h"
#include "springbok/data/pack/pack_format.h"
#include "springbok/data/pack/pack_source.h"
#include "springbok/image/encode.h"
#include "springbok/image/jpeg/pack.h"
#include "springbok/image/palette.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;

using Bytes = std::vector<std::byte>;

/// The size and times of a sample's file, as a hash.
using Stamp16 = std::array<std::uint8_t, 16>;

Stamp16 stamp_of(const Source& source, std::int64_t index) {
  const std::string stamp = source.stamp(index);
  return short_hash<16>(std::as_bytes(std::span(stamp)));
}

/// Records ready to be written, and the size of the image as it was.
struct Made {
  Stamp16 stamp{};
  PackRecord record;
  Bytes bytes;         ///< table and image
  PackRecord of_mask;  ///< with a mask
  Bytes mask;
  std::size_t before = 0;
};

void add_mask(const Source& source, std::int64_t index, Made& made) {
  const image::Image mask = source.mask(index);
  made.mask = image::encode_indices(mask, image::voc_palette());
  if (made.mask.size() > std::numeric_limits<std::int32_t>::max())
    fail("{}: its mask takes over 2 GB", source.name(index));
  made.of_mask = {.image = static_cast<std::uint32_t>(made.mask.size()),
                  .table = 0,
                  .height = static_cast<std::uint32_t>(mask.height),
                  .width = static_cast<std::uint32_t>(mask.width),
                  .units = 0,
                  .hash = short_hash<20>(made.mask)};
}

Made make_record(const Source& source, std::int64_t index) {
  Made made;
  made.stamp = stamp_of(source, index);  // before the bytes: a change in between shows in the next stamp
  const std::string name = source.name(index);
  Bytes image;
  if (const auto encoded = source.encoded(index, source.channels())) {
    made.before = encoded->bytes().size();
    made.record.height = static_cast<std::uint32_t>(encoded->size().height);
    made.record.width = static_cast<std::uint32_t>(encoded->size().width);
    if (auto packed = image::pack_jpeg(encoded->bytes(), name, encoded->on_damage())) {
      made.record.units = static_cast<std::uint32_t>(packed->units);
      made.bytes = std::move(packed->lengths);
      image = std::move(packed->bytes);
    } else {
      encoded->whole();  // other formats too are held to be sound
      image.assign(encoded->bytes().begin(), encoded->bytes().end());
    }
  } else {
    const image::Image pixels = source.image(index, source.channels());
    made.record.height = static_cast<std::uint32_t>(pixels.height);
    made.record.width = static_cast<std::uint32_t>(pixels.width);
    image = image::encode_png(pixels);
    made.before = pixels.pixels.size();
  }
  made.record.table = static_cast<std::uint32_t>(made.bytes.size());
  made.record.image = static_cast<std::uint32_t>(image.size());
  if (image.size() > std::numeric_limits<std::uint32_t>::max()) fail("{}: over 4 GB; leave it out", name);
  made.bytes.insert(made.bytes.end(), image.begin(), image.end());
  made.record.hash = short_hash<20>(made.bytes);
  if (source.target_kind() == TargetKind::masks) add_mask(source, index, made);
  return made;
}

/// The label sets as JSON: of each image, classes and bits of base/label_sizes.h by turns.
nlohmann::ordered_json label_sets(const Source& source) {
  nlohmann::ordered_json sets = nlohmann::ordered_json::array();
  for (std::int64_t i = 0; i < source.size(); ++i) {
    nlohmann::ordered_json set = nlohmann::ordered_json::array();
    const std::vector<std::uint8_t> labels = source.labels(i);
    for (std::size_t c = 0; c < labels.size(); ++c) {
      if (labels[c] == 0) continue;
      set.push_back(c);
      set.push_back(labels[c]);
    }
    sets.push_back(std::move(set));
  }
  return sets;
}

class Writer {
 public:
  Writer(const Source& source, fs::path path, const PackSettings& settings)
      : source_(source),
        magic_(source.target_kind() == TargetKind::classes ? kPackMagic : kPackMagic2),
        path_(std::move(path)),
        settings_(settings),
        file_(fs::path(path_.string() + ".part"), RandomFile::Mode::write),
        stamps_(fs::path(path_.string() + ".part-stamps"), RandomFile::Mode::write) {
    if (!file_.lock()) fail("{}: another process is writing it", file_.path().string());
  }

  PackReport write() {
    begin();
    report_.images = source_.size();
    report_.resumed = static_cast<std::int64_t>(rows_.size());
    if (settings_.done) settings_.done(report_.resumed);
    while (static_cast<std::int64_t>(rows_.size()) < source_.size()) write_some();
    finish();
    report_.file = file_.size();
    file_.commit(path_);
    std::error_code left;  // the next run of this name begins it anew
    fs::remove(stamps_.path(), left);
    return report_;
  }

 private:
  /// Takes what an earlier run has written of the same source, up to the first record that is not whole.
  void begin() {
    const std::string digest = source_.digest();
    const std::string head = std::string(magic_) + digest;
    check(head.size() == kPackHead, "a digest has 64 hex digits");
    std::string found(kPackHead, '\0');
    if (file_.size() >= kPackHead) file_.read(0, std::as_writable_bytes(std::span(found)));
    if (found != head) {
      file_.truncate(0);
      file_.write(0, std::as_bytes(std::span(head)));
    }
    at_ = kPackHead;
    while (static_cast<std::int64_t>(rows_.size()) < source_.size() && take_record()) {
    }
    file_.truncate(at_);
  }

  bool take_record() {
    if (file_.size() - at_ < sizeof(PackRecord) || !is_unchanged()) return false;
    const auto image = whole_record(at_);
    if (!image) return false;
    std::optional<PackRecord> mask;
    if (has_masks()) {
      mask = whole_record(at_ + sizeof(PackRecord) + image->table + image->image);
      if (!mask) return false;
    }
    add_row(*image, mask ? mask->image : 0);
    return true;
  }

  /// The record there; nothing where it is cut or damaged.
  std::optional<PackRecord> whole_record(std::uint64_t at) const {
    Bytes bytes(sizeof(PackRecord));
    if (at > file_.size() || file_.size() - at < bytes.size()) return std::nullopt;
    file_.read(at, bytes);
    const auto record = from_bytes<PackRecord>(bytes);
    if (file_.size() - at - bytes.size() < std::uint64_t{record.table} + record.image) return std::nullopt;
    bytes.resize(std::size_t{record.table} + record.image);
    file_.read(at + sizeof(PackRecord), bytes);
    return short_hash<20>(bytes) == record.hash ? std::optional(record) : std::nullopt;
  }

  /// Whether the next sample is as it was when its record was written.
  bool is_unchanged() {
    const auto index = static_cast<std::int64_t>(rows_.size());
    Stamp16 stamp{};
    const std::uint64_t at = rows_.size() * stamp.size();
    if (stamps_.size() < at + stamp.size()) return false;
    stamps_.read(at, std::as_writable_bytes(std::span(stamp)));
    if (stamp == stamp_of(source_, index)) return true;
    report_.changed = source_.name(index);
    return false;
  }

  bool has_masks() const { return source_.target_kind() == TargetKind::masks; }

  /// `mask`: the bytes of the mask's PNG, where there are masks.
  void add_row(const PackRecord& record, std::uint32_t mask) {
    const auto index = static_cast<std::int64_t>(rows_.size());
    names_ += source_.name(index);
    rows_.push_back({.at = at_ + sizeof(PackRecord),
                     .name_end = names_.size(),
                     .image = record.image,
                     .table = record.table,
                     .height = record.height,
                     .width = record.width,
                     .units = record.units,
                     .target = static_cast<std::int32_t>(has_masks() ? mask : source_.target(index))});
    at_ += sizeof(PackRecord) + record.table + record.image;
    if (has_masks()) at_ += sizeof(PackRecord) + mask;
    report_.rewritten += record.units > 0 ? 1 : 0;
  }

  /// The next images, as many as keep all threads at work for a while.
  void write_some() {
    constexpr std::int64_t kEach = 16;
    const auto first = static_cast<std::int64_t>(rows_.size());
    const std::int64_t count = std::min(source_.size() - first, kEach * settings_.threads);
    std::vector<Made> made(static_cast<std::size_t>(count));
    parallel_for(made.size(), settings_.threads,
                 [&](std::size_t i) { made[i] = make_record(source_, first + static_cast<std::int64_t>(i)); });
    for (const Made& each : made) {
      stamps_.write(rows_.size() * sizeof(Stamp16), bytes_of(each.stamp));
      file_.write(at_, bytes_of(each.record));
      file_.write(at_ + sizeof(PackRecord), each.bytes);
      if (has_masks()) {
        const std::uint64_t at = at_ + sizeof(PackRecord) + each.bytes.size();
        file_.write(at, bytes_of(each.of_mask));
        file_.write(at + sizeof(PackRecord), each.mask);
      }
      add_row(each.record, each.of_mask.image);
      report_.before += each.before;
      report_.after += each.bytes.size();
    }
    if (settings_.done) settings_.done(static_cast<std::int64_t>(rows_.size()));
  }

  void finish() {
    nlohmann::ordered_json json = {{"classes", source_.classes()},
                                   {"digest", source_.digest()},
                                   {"source", source_.description()},
                                   {"channels", source_.channels()}};
    if (has_masks()) json["target"] = "masks";
    if (source_.target_kind() == TargetKind::labels) {
      json["target"] = "labels";
      json["labels"] = label_sets(source_);
    }
    const auto rows = std::as_bytes(std::span(rows_));
    const std::string texts = names_ + json_text(json);
    Bytes index(rows.begin(), rows.end());
    const auto text_bytes = std::as_bytes(std::span(texts));
    index.insert(index.end(), text_bytes.begin(), text_bytes.end());
    PackTail tail{.rows_at = at_,
                  .names_at = at_ + rows.size(),
                  .json_at = at_ + rows.size() + names_.size(),
                  .tail_at = at_ + index.size(),
                  .hash = short_hash<32>(index),
                  .magic = {}};
    std::copy(magic_.begin(), magic_.end(), tail.magic.begin());
    file_.write(at_, index);
    file_.write(tail.tail_at, bytes_of(tail));
  }

  const Source& source_;
  std::string_view magic_;
  fs::path path_;
  const PackSettings& settings_;
  RandomFile file_, stamps_;
  std::uint64_t at_ = 0;  ///< where the next record goes
  std::vector<PackRow> rows_;
  std::string names_;
  PackReport report_;
};

}  // namespace

PackReport write_pack(const Source& source, const fs::path& folder, const Split& split, const PackSettings& settings) {
  const fs::path path = pack_file(folder, split);
  for (const std::string& name : source.classes()) {
    if (!is_utf8(name)) fail("class '{}': is no UTF-8, which a packed set needs; rename it", printable(name));
  }
  std::error_code ignored;
  if (fs::exists(path, ignored)) fail("{}: is there already; remove it to pack the source anew", path.string());
  make_folder(folder);
  return Writer(source, path, settings).write();
}

}  // namespace springbok::data
