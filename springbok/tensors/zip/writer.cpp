// Zip records (PKWARE APPNOTE 6.3.10): local headers, central directory, 64-bit end records.
#include "springbok/tensors/zip/writer.h"

#include <zlib.h>

#include "springbok/tensors/bytes.h"

namespace springbok::tensors {

namespace {

constexpr std::uint32_t kMax32 = 0xFFFFFFFF;
constexpr std::uint16_t kMax16 = 0xFFFF;
constexpr std::size_t kAlignment = 64;
constexpr std::size_t kLocalHeaderSize = 30;
constexpr std::uint16_t kPlainVersion = 20, kZip64Version = 45;
constexpr std::uint16_t kZip64Tag = 0x0001;
constexpr std::uint16_t kPaddingTag = 0x4246;           // "FB", PyTorch's own
constexpr std::uint16_t kDosTime = 0, kDosDate = 0x21;  // 1980-01-01, so that equal input gives equal bytes

std::uint32_t crc_of(std::span<const std::byte> data) {
  return static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(data.data()), data.size()));
}

std::uint32_t narrow(std::uint64_t value, bool wide) {
  return wide ? kMax32 : static_cast<std::uint32_t>(value);
}

/// The fields that local and central headers share, from `version needed` to the name's length.
void append_common(std::string& out, std::uint16_t version, std::uint32_t crc, std::uint32_t size, std::size_t name) {
  append_le(out, version);
  append_le(out, std::uint16_t{0});  // flags
  append_le(out, std::uint16_t{0});  // method: stored
  append_le(out, kDosTime);
  append_le(out, kDosDate);
  append_le(out, crc);
  append_le(out, size);  // compressed
  append_le(out, size);
  append_le(out, static_cast<std::uint16_t>(name));
}

}  // namespace

std::string ZipWriter::local_header(const Record& record) const {
  std::string extra;
  if (record.wide_size) {
    append_le(extra, kZip64Tag);
    append_le(extra, std::uint16_t{16});
    append_le(extra, record.size);
    append_le(extra, record.size);
  }
  const std::uint64_t start = record.offset + kLocalHeaderSize + record.name.size() + extra.size() + 4;
  const std::size_t padding = (kAlignment - start % kAlignment) % kAlignment;
  append_le(extra, kPaddingTag);
  append_le(extra, static_cast<std::uint16_t>(padding));
  extra.append(padding, 'Z');

  std::string header = "PK\x03\x04";
  append_common(header, record.wide_size ? kZip64Version : kPlainVersion, record.crc,
                narrow(record.size, record.wide_size), record.name.size());
  append_le(header, static_cast<std::uint16_t>(extra.size()));
  return header + record.name + extra;
}

std::string ZipWriter::central_header(const Record& record) const {
  std::string wide;
  if (record.wide_size) {
    append_le(wide, record.size);
    append_le(wide, record.size);
  }
  if (record.wide_offset) append_le(wide, record.offset);
  std::string extra;
  if (!wide.empty()) {
    append_le(extra, kZip64Tag);
    append_le(extra, static_cast<std::uint16_t>(wide.size()));
    extra += wide;
  }
  const std::uint16_t version = wide.empty() ? kPlainVersion : kZip64Version;
  std::string header = "PK\x01\x02";
  append_le(header, version);  // made by
  append_common(header, version, record.crc, narrow(record.size, record.wide_size), record.name.size());
  append_le(header, static_cast<std::uint16_t>(extra.size()));
  append_le(header, std::uint16_t{0});  // comment
  append_le(header, std::uint16_t{0});  // disk
  append_le(header, std::uint16_t{0});  // internal attributes
  append_le(header, std::uint32_t{0});  // external attributes
  append_le(header, narrow(record.offset, record.wide_offset));
  return header + record.name + extra;
}

std::string ZipWriter::end_records(std::uint64_t directory_offset, std::uint64_t directory_size) const {
  const std::uint64_t count = records_.size();
  const bool wide = always_zip64_ || count >= kMax16 || directory_offset >= kMax32 || directory_size >= kMax32;
  std::string end;
  if (wide) {
    end += "PK\x06\x06";
    append_le(end, std::uint64_t{44});  // bytes that follow
    append_le(end, kZip64Version);
    append_le(end, kZip64Version);
    append_le(end, std::uint32_t{0});  // this disk
    append_le(end, std::uint32_t{0});  // the directory's disk
    append_le(end, count);
    append_le(end, count);
    append_le(end, directory_size);
    append_le(end, directory_offset);
    end += "PK\x06\x07";
    append_le(end, std::uint32_t{0});
    append_le(end, directory_offset + directory_size);
    append_le(end, std::uint32_t{1});  // disks
  }
  end += "PK\x05\x06";
  append_le(end, std::uint32_t{0});  // disks
  append_le(end, wide ? kMax16 : static_cast<std::uint16_t>(count));
  append_le(end, wide ? kMax16 : static_cast<std::uint16_t>(count));
  append_le(end, narrow(directory_size, wide));
  append_le(end, narrow(directory_offset, wide));
  append_le(end, std::uint16_t{0});  // comment
  return end;
}

void ZipWriter::add(const std::string& name, std::span<const std::byte> data) {
  Record record{.name = name, .size = data.size(), .offset = written_, .crc = crc_of(data)};
  record.wide_size = always_zip64_ || record.size >= kMax32;
  record.wide_offset = always_zip64_ || record.offset >= kMax32;
  write(as_bytes(local_header(record)));
  write(data);
  records_.push_back(std::move(record));
}

void ZipWriter::add(const std::string& name, std::string_view text) {
  add(name, as_bytes(text));
}

void ZipWriter::write(std::span<const std::byte> bytes) {
  sink_(bytes);
  written_ += bytes.size();
}

void ZipWriter::finish() {
  const std::uint64_t offset = written_;
  std::string directory;
  for (const Record& record : records_) directory += central_header(record);
  write(as_bytes(directory));
  write(as_bytes(end_records(offset, directory.size())));
}

}  // namespace springbok::tensors
