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

/// A record ready to be written, and the size of the image as it was.
struct Made {
  Stamp16 stamp{};
  PackRecord record;
  Bytes bytes;  ///< table and image
  std::size_t before = 0;
};

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
  return made;
}

class Writer {
 public:
  Writer(const Source& source, fs::path path, const PackSettings& settings)
      : source_(source),
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
    const std::string head = std::string(kPackMagic) + digest;
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
    const std::uint64_t left = file_.size() - at_;
    Bytes bytes(sizeof(PackRecord));
    if (left < bytes.size()) return false;
    if (!is_unchanged()) return false;
    file_.read(at_, bytes);
    const auto record = from_bytes<PackRecord>(bytes);
    if (left - bytes.size() < std::uint64_t{record.table} + record.image) return false;
    bytes.resize(std::size_t{record.table} + record.image);
    file_.read(at_ + sizeof(PackRecord), bytes);
    if (short_hash<20>(bytes) != record.hash) return false;
    add_row(record);
    return true;
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

  void add_row(const PackRecord& record) {
    const auto index = static_cast<std::int64_t>(rows_.size());
    names_ += source_.name(index);
    rows_.push_back({.at = at_ + sizeof(PackRecord),
                     .name_end = names_.size(),
                     .image = record.image,
                     .table = record.table,
                     .height = record.height,
                     .width = record.width,
                     .units = record.units,
                     .target = static_cast<std::int32_t>(source_.target(index))});
    at_ += sizeof(PackRecord) + record.table + record.image;
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
      add_row(each.record);
      report_.before += each.before;
      report_.after += each.bytes.size();
    }
    if (settings_.done) settings_.done(static_cast<std::int64_t>(rows_.size()));
  }

  void finish() {
    const nlohmann::ordered_json json = {{"classes", source_.classes()},
                                         {"digest", source_.digest()},
                                         {"source", source_.description()},
                                         {"channels", source_.channels()}};
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
    std::copy(kPackMagic.begin(), kPackMagic.end(), tail.magic.begin());
    file_.write(at_, index);
    file_.write(tail.tail_at, bytes_of(tail));
  }

  const Source& source_;
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
