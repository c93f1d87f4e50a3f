// Packed data sets: the index in memory, images read where they lie.
#include "springbok/data/pack/pack_source.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/json.h"
#include "springbok/base/label_sizes.h"
#include "springbok/base/random_file.h"
#include "springbok/data/folder/folder_tree.h"
#include "springbok/data/masks/mask_file.h"
#include "springbok/data/pack/pack_format.h"
#include "springbok/data/source/label_sets.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;

class PackSource : public Source {
 public:
  explicit PackSource(const fs::path& path) : file_(path, RandomFile::Mode::read) {
    const PackTail tail = read_tail();
    read_index(tail);
    check_rows(tail);
    constexpr std::array<const char*, 3> kOf{"in", "with labels of", "with masks of"};
    description_ =
        format("pack: {} images {} {} classes ({}), made of {}", with_commas(size()),
               kOf.at(static_cast<std::size_t>(kind_)), with_commas(std::ssize(classes_)), path.string(), made_of_);
  }

  std::int64_t size() const override { return static_cast<std::int64_t>(rows_.size()); }
  const std::vector<std::string>& classes() const override { return classes_; }
  int channels() const override { return channels_; }
  TargetKind target_kind() const override { return kind_; }
  std::int64_t target(std::int64_t index) const override {
    return kind_ == TargetKind::classes ? row(index).target : -1;
  }
  std::vector<std::uint8_t> labels(std::int64_t index) const override {
    if (kind_ != TargetKind::labels) return Source::labels(index);
    return sets_.dense(static_cast<std::size_t>(index), classes_.size());
  }
  image::Image mask(std::int64_t index) const override {
    if (kind_ != TargetKind::masks) return Source::mask(index);
    const PackRow& row = this->row(index);
    std::vector<std::byte> png(static_cast<std::size_t>(row.target));
    file_.read(mask_at(row), png);
    return decode_mask(png, format("{}: its mask", name(index)),
                       {static_cast<int>(row.height), static_cast<int>(row.width)}, classes_.size());
  }
  std::string description() const override { return description_; }
  std::string digest() const override { return digest_; }
  image::Image image(std::int64_t index, int channels) const override { return encoded(index, channels)->whole(); }

  std::string name(std::int64_t index) const override {
    const std::uint64_t begin = index == 0 ? 0 : row(index - 1).name_end;
    return names_.substr(begin, row(index).name_end - begin);
  }

  std::optional<image::Encoded> encoded(std::int64_t index, int channels) const override {
    const PackRow& row = this->row(index);
    std::vector<std::byte> memory = image::Encoded::spare();
    file_.read(row.at, std::size_t{row.table} + row.image, memory);
    const image::Size pixels{static_cast<int>(row.height), static_cast<int>(row.width)};
    return image::Encoded(
        std::move(memory),
        {.table = row.table, .image = row.image, .units = static_cast<int>(row.units), .size = pixels}, channels,
        name(index));
  }

  void expect(std::int64_t index) const override {
    const PackRow& row = this->row(index);
    file_.expect(row.at, end_of(row) - row.at);
  }

  std::string stamp(std::int64_t /*index*/) const override { return file_stamp(file_.path()); }

  void check_stored(std::int64_t index) const override {
    const PackRow& row = this->row(index);
    const PackRecord image{.image = row.image,
                           .table = row.table,
                           .height = row.height,
                           .width = row.width,
                           .units = row.units,
                           .hash = {}};
    check_record(index, row.at, image);
    if (kind_ != TargetKind::masks) return;
    const auto size = static_cast<std::uint32_t>(row.target);
    check_record(index, mask_at(row), {.image = size, .table = 0, .height = row.height, .width = row.width});
  }

 private:
  [[noreturn]] void fail_damaged(const char* what) const {
    fail("{}: damaged: {}; copy it again, or pack it anew", file_.path().string(), what);
  }
  static std::uint64_t mask_at(const PackRow& row) { return row.at + row.table + row.image + sizeof(PackRecord); }
  std::uint64_t end_of(const PackRow& row) const {
    if (kind_ == TargetKind::masks) return mask_at(row) + static_cast<std::uint64_t>(row.target);
    return row.at + row.table + row.image;
  }

  /// Throws Error unless the record whose bytes begin there is as the row says, and has the hash that it says.
  void check_record(std::int64_t index, std::uint64_t at, const PackRecord& row) const {
    std::array<std::byte, sizeof(PackRecord)> head{};
    std::vector<std::byte> bytes(std::size_t{row.table} + row.image);
    file_.read(at - head.size(), head);
    file_.read(at, bytes);
    const auto record = from_bytes<PackRecord>(head);
    const bool same = record.image == row.image && record.table == row.table && record.height == row.height &&
                      record.width == row.width && record.units == row.units && record.hash == short_hash<20>(bytes);
    if (same) return;
    fail("{}: its record at byte {} of {} is damaged (another SHA-256); copy the file again, or pack it anew",
         name(index), with_commas(static_cast<std::int64_t>(at)), file_.path().string());
  }

  const PackRow& row(std::int64_t index) const { return rows_.at(static_cast<std::size_t>(index)); }

  PackTail read_tail() {
    const std::uint64_t size = file_.size();
    std::array<std::byte, kPackHead> head{};
    if (size < kPackHead + sizeof(PackTail)) fail_damaged("it ends within its head");
    file_.read(0, head);
    magic_.assign(reinterpret_cast<const char*>(head.data()), kPackMagic.size());
    if (magic_ != kPackMagic && magic_ != kPackMagic2) {
      fail("{}: is no {} or -2 file; pack it anew", file_.path().string(), kPackMagic);
    }
    std::array<std::byte, sizeof(PackTail)> bytes{};
    file_.read(size - sizeof(PackTail), bytes);
    const auto tail = from_bytes<PackTail>(bytes);
    if (std::string_view(tail.magic.data(), tail.magic.size()) != magic_) fail_damaged("it was cut");
    const bool in_order = kPackHead <= tail.rows_at && tail.rows_at <= tail.names_at && tail.names_at <= tail.json_at &&
                          tail.json_at <= tail.tail_at && tail.tail_at == size - sizeof(PackTail);
    if (!in_order || (tail.names_at - tail.rows_at) % sizeof(PackRow) != 0) fail_damaged("its parts do not fit");
    return tail;
  }

  void read_index(const PackTail& tail) {
    std::vector<std::byte> index(tail.tail_at - tail.rows_at);
    file_.read(tail.rows_at, index);
    if (short_hash<32>(index) != tail.hash) fail_damaged("its index has another SHA-256 than it says");
    const std::span<const std::byte> all(index);
    rows_.resize((tail.names_at - tail.rows_at) / sizeof(PackRow));
    const auto rows = std::as_writable_bytes(std::span(rows_));
    std::copy_n(index.begin(), rows.size(), rows.begin());
    const auto text = [&](std::uint64_t from, std::uint64_t to) {
      const auto part = all.subspan(from - tail.rows_at, to - from);
      return std::string(reinterpret_cast<const char*>(part.data()), part.size());
    };
    names_ = text(tail.names_at, tail.json_at);
    read_json(parse_json(text(tail.json_at, tail.tail_at)));
  }

  void read_json(const nlohmann::json& json) try {
    json.at("classes").get_to(classes_);
    json.at("digest").get_to(digest_);
    json.at("source").get_to(made_of_);
    json.at("channels").get_to(channels_);
    if (channels_ != 1 && channels_ != 3) fail_damaged("its index says of images that are neither grey nor coloured");
    if (magic_ == kPackMagic) return;
    const std::string target = json.at("target");
    if (target != "labels" && target != "masks") fail_damaged("its index says of targets that nobody knows");
    kind_ = target == "labels" ? TargetKind::labels : TargetKind::masks;
    if (kind_ == TargetKind::labels) read_labels(json.at("labels"));
  } catch (const nlohmann::json::exception&) {
    fail_damaged("its index lacks classes, digest, source or channels");
  }

  void read_labels(const nlohmann::json& sets) {
    for (const nlohmann::json& set : sets) {
      for (std::size_t i = 0; i + 1 < set.size(); i += 2) {
        const auto label = set.at(i).get<std::uint32_t>(), sizes = set.at(i + 1).get<std::uint32_t>();
        constexpr std::uint32_t kAll = kSmall | kMedium | kLarge | kUnsized;
        if (label >= classes_.size() || sizes == 0 || (sizes & ~kAll) != 0) fail_damaged("a label says what cannot be");
        sets_.add(label, static_cast<std::uint8_t>(sizes));
      }
      sets_.end_set();
    }
    if (sets_.size() != rows_.size()) fail_damaged("it has not a set of labels for each image");
  }

  void check_rows(const PackTail& tail) const {
    std::uint64_t name = 0;
    const auto classes = static_cast<std::int64_t>(classes_.size());
    for (const PackRow& row : rows_) {
      const bool targeted = kind_ == TargetKind::masks ? row.target > 0 : row.target >= -1 && row.target < classes;
      const bool inside = targeted && row.at >= kPackHead + sizeof(PackRecord) && row.at <= tail.rows_at &&
                          end_of(row) - row.at <= tail.rows_at - row.at;
      const bool sized = row.height > 0 && row.width > 0 && row.height <= image::kMaxPixels / row.width;
      if (!inside || !sized || row.units > 255 || row.name_end < name || row.name_end > names_.size()) {
        fail_damaged("a row of its index says what cannot be");
      }
      name = row.name_end;
    }
  }

  RandomFile file_;
  std::vector<PackRow> rows_;
  std::string names_;  ///< one after the other
  std::vector<std::string> classes_;
  std::string digest_, made_of_, description_;
  std::string magic_;
  TargetKind kind_ = TargetKind::classes;
  LabelSets sets_;
  int channels_ = 3;
};

}  // namespace

fs::path pack_file(const fs::path& folder, const Split& split) {
  return folder / (split.name() + ".pack");
}

bool has_pack(const fs::path& folder, const Split& split) {
  std::error_code ignored;
  return fs::exists(pack_file(folder, split), ignored);
}

std::unique_ptr<Source> open_pack(const fs::path& folder, const Split& split) {
  if (!has_pack(folder, split))
    fail("{}: no such file; 'springbok data pack' makes it", pack_file(folder, split).string());
  return std::make_unique<PackSource>(pack_file(folder, split));
}

}  // namespace springbok::data
