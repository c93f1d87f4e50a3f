// The central directory (PKWARE APPNOTE 6.3.10, 4.3.12 to 4.3.16) and what it must agree with.
#include "springbok/tensors/zip/reader.h"

#include <algorithm>

#include "springbok/base/error.h"
#include "springbok/tensors/bytes.h"

namespace springbok::tensors {

namespace {

constexpr std::uint32_t kLocalMagic = 0x04034B50, kCentralMagic = 0x02014B50, kEndMagic = 0x06054B50;
constexpr std::uint32_t kWideEndMagic = 0x06064B50, kWideLocatorMagic = 0x07064B50;
constexpr std::size_t kLocalSize = 30, kCentralSize = 46, kEndSize = 22, kWideEndSize = 56, kWideLocatorSize = 20;
constexpr std::uint32_t kMax32 = 0xFFFFFFFF;
constexpr std::uint16_t kMax16 = 0xFFFF;
constexpr std::uint16_t kEncryptedFlag = 1;

}  // namespace

ZipReader::ZipReader(std::span<const std::byte> bytes, std::string file) : bytes_(bytes), file_(std::move(file)) {
  read_directory(find_directory());
  check_apart();
}

std::span<const std::byte> ZipReader::get(const std::string& name) const {
  const auto found = by_name_.find(name);
  if (found == by_name_.end())
    fail("{}: the archive has no record '{}'; copy or download it again", file_, printable(name));
  const Record& record = records_[found->second];
  if (record.encrypted)
    fail("{}: the record '{}' is encrypted; unpack it and save it with torch.save", file_, printable(name));
  if (record.method != 0) {
    fail("{}: the record '{}' is compressed, which torch.save never does; re-save it with torch.save", file_,
         printable(name));
  }
  return record.data;
}

void ZipReader::damaged(std::string_view what) const {
  fail("{}: damaged zip archive: {}; copy or download it again", file_, what);
}

/// The end record stands last, before a comment that it gives the length of.
ZipReader::Directory ZipReader::find_directory() const {
  const std::size_t size = bytes_.size();
  const std::size_t last = size < kEndSize ? 0 : size - kEndSize;
  const std::size_t first = last > kMax16 ? last - kMax16 : 0;
  for (std::size_t at = last + 1; size >= kEndSize && at-- > first;) {
    if (load_le<std::uint32_t>(bytes_, at) != kEndMagic) continue;
    if (load_le<std::uint16_t>(bytes_, at + 20) != size - at - kEndSize) continue;
    const Directory directory{.offset = load_le<std::uint32_t>(bytes_, at + 16),
                              .size = load_le<std::uint32_t>(bytes_, at + 12),
                              .count = load_le<std::uint16_t>(bytes_, at + 10)};
    const bool wide = directory.offset == kMax32 || directory.size == kMax32 || directory.count == kMax16;
    if (wide) return find_wide_directory(at);
    if (directory.offset > at || directory.size > at - directory.offset) damaged("its directory is outside");
    return directory;
  }
  fail("{}: the end of the archive is missing, {} are there: the file is cut; copy or download it again", file_,
       human_bytes(size));
}

ZipReader::Directory ZipReader::find_wide_directory(std::size_t end) const {
  if (end < kWideLocatorSize + kWideEndSize) damaged("its 64-bit end record is missing");
  const std::size_t locator = end - kWideLocatorSize;
  if (load_le<std::uint32_t>(bytes_, locator) != kWideLocatorMagic) damaged("its 64-bit end record is missing");
  const auto at = load_le<std::uint64_t>(bytes_, locator + 8);
  if (at > locator - kWideEndSize || load_le<std::uint32_t>(bytes_, at) != kWideEndMagic) {
    damaged("its 64-bit end record is missing");
  }
  const Directory directory{.offset = load_le<std::uint64_t>(bytes_, at + 48),
                            .size = load_le<std::uint64_t>(bytes_, at + 40),
                            .count = load_le<std::uint64_t>(bytes_, at + 32)};
  if (directory.offset > at || directory.size > at - directory.offset) damaged("its directory is outside");
  return directory;
}

void ZipReader::read_directory(const Directory& directory) {
  const std::size_t end = directory.offset + directory.size;
  std::size_t at = directory.offset;
  while (at < end) at = read_record(at, end);
  if (records_.size() != directory.count) damaged("its directory is shorter or longer than it says");
  for (std::size_t i = 0; i < records_.size(); ++i) {
    locate(records_[i], directory.offset);
    if (!by_name_.emplace(records_[i].name, i).second) damaged("two records have one name");
  }
}

/// Reads the directory's entry at `at`; returns where the next one begins.
std::size_t ZipReader::read_record(std::size_t at, std::size_t end) {
  if (end - at < kCentralSize || load_le<std::uint32_t>(bytes_, at) != kCentralMagic)
    damaged("its directory is broken");
  const std::size_t name = load_le<std::uint16_t>(bytes_, at + 28);
  const std::size_t extra = load_le<std::uint16_t>(bytes_, at + 30);
  const std::size_t comment = load_le<std::uint16_t>(bytes_, at + 32);
  if (name + extra + comment > end - at - kCentralSize) damaged("its directory is broken");
  Record record;
  record.name = as_text(bytes_.subspan(at + kCentralSize, name));
  record.encrypted = (load_le<std::uint16_t>(bytes_, at + 8) & kEncryptedFlag) != 0;
  record.method = load_le<std::uint16_t>(bytes_, at + 10);
  record.size = load_le<std::uint32_t>(bytes_, at + 20);
  record.full_size = load_le<std::uint32_t>(bytes_, at + 24);
  record.header = load_le<std::uint32_t>(bytes_, at + 42);
  read_wide_sizes(bytes_.subspan(at + kCentralSize + name, extra), record);
  records_.push_back(record);
  return at + kCentralSize + name + extra + comment;
}

/// The 64-bit field holds, in this order, those of size, stored size and offset that do not fit 32 bits.
void ZipReader::read_wide_sizes(std::span<const std::byte> extra, Record& record) const {
  while (extra.size() >= 4) {
    const auto tag = load_le<std::uint16_t>(extra);
    const std::size_t size = load_le<std::uint16_t>(extra, 2);
    if (size > extra.size() - 4) return;
    if (tag == 1) {
      std::span<const std::byte> field = extra.subspan(4, size);
      for (std::uint64_t* value : {&record.full_size, &record.size, &record.header}) {
        if (*value != kMax32) continue;
        if (field.size() < 8) damaged("a 64-bit size is missing");
        *value = load_le<std::uint64_t>(field);
        field = field.subspan(8);
      }
      return;
    }
    extra = extra.subspan(4 + size);
  }
}

/// Finds a record's bytes behind its local header; all of it lies before `end`, where the directory begins.
void ZipReader::locate(Record& record, std::uint64_t end) const {
  if (record.header > end || end - record.header < kLocalSize) damaged("a record is outside the file");
  if (load_le<std::uint32_t>(bytes_, record.header) != kLocalMagic) damaged("a record has no header");
  const std::size_t name = load_le<std::uint16_t>(bytes_, record.header + 26);
  const std::size_t extra = load_le<std::uint16_t>(bytes_, record.header + 28);
  const std::uint64_t room = end - record.header - kLocalSize;
  if (name + extra > room || record.size > room - name - extra) damaged("a record is outside the file");
  if (as_text(bytes_.subspan(record.header + kLocalSize, name)) != record.name) {
    damaged("a record's header and the directory give two names");
  }
  if (record.method == 0 && record.size != record.full_size) damaged("a record has two sizes");
  record.data = bytes_.subspan(record.header + kLocalSize + name + extra, record.size);
}

void ZipReader::check_apart() const {
  std::vector<const Record*> ordered;
  for (const Record& record : records_) ordered.push_back(&record);
  std::sort(ordered.begin(), ordered.end(), [](const Record* a, const Record* b) { return a->header < b->header; });
  for (std::size_t i = 0; i + 1 < ordered.size(); ++i) {
    const auto end = static_cast<std::uint64_t>(ordered[i]->data.data() - bytes_.data()) + ordered[i]->size;
    if (ordered[i + 1]->header < end) damaged("two records overlap");
  }
}

}  // namespace springbok::tensors
