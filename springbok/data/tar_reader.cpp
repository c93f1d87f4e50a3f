// Headers of tar files, read one by one.
#include "springbok/data/tar_reader.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "springbok/base/error.h"

namespace springbok::data {
namespace {

constexpr std::size_t kBlock = 512;

using Bytes = std::span<const std::byte>;

/// A field of a header, up to its first zero.
std::string field(Bytes header, std::size_t at, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(header.data()) + at, size);
  return text.substr(0, text.find('\0'));
}

/// A number in octal digits, or in big-endian bytes after 0x80.
std::optional<std::uint64_t> number(Bytes header, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  if ((std::to_integer<unsigned>(header[at]) & 0x80U) != 0) {
    for (std::size_t i = at + size - 8; i < at + size; ++i)
      value = value << 8 | std::to_integer<std::uint64_t>(header[i]);
    return value;
  }
  for (const char c : field(header, at, size)) {
    if (c == ' ') continue;
    if (c < '0' || c > '7') return std::nullopt;
    value = value * 8 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

/// The sum of all bytes, those of the checksum's own field counted as blanks.
bool checksum_holds(Bytes header) {
  constexpr std::size_t kAt = 148, kSize = 8;
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < kBlock; ++i) {
    sum += i >= kAt && i < kAt + kSize ? ' ' : std::to_integer<std::uint64_t>(header[i]);
  }
  return number(header, kAt, kSize) == sum;
}

/// The value of `path` in the records of a PAX header (`LENGTH KEY=VALUE\n`).
std::string pax_path(const std::string& records) {
  for (std::size_t at = 0; at < records.size();) {
    const std::size_t length = std::strtoull(records.c_str() + at, nullptr, 10), gap = records.find(' ', at);
    if (length == 0 || gap == std::string::npos || length > records.size() - at || gap + 1 >= at + length) return "";
    const std::string record = records.substr(gap + 1, at + length - gap - 2);
    if (record.starts_with("path=")) return record.substr(5);
    at += length;
  }
  return "";
}

std::string name_of(Bytes header) {
  const std::string prefix = field(header, 257, 5) == "ustar" ? field(header, 345, 155) : "";
  return (prefix.empty() ? "" : prefix + "/") + field(header, 0, 100);
}

std::string commas(std::uint64_t count) {
  return with_commas(static_cast<std::int64_t>(count));
}

}  // namespace

TarReader::TarReader(ReadAt read, std::uint64_t size, std::string shard)
    : read_(std::move(read)), size_(size), shard_(std::move(shard)) {}

std::optional<TarReader::Member> TarReader::next() {
  std::string long_name;
  std::array<std::byte, kBlock> header{};
  while (size_ - at_ >= kBlock) {
    read_(at_, header);
    if (std::all_of(header.begin(), header.end(), [](std::byte b) { return b == std::byte{}; })) return std::nullopt;
    Member member = take(header);
    const char kind = static_cast<char>(header[156]);
    if (kind == 'L') {
      const std::string text = text_of(member);
      long_name = text.substr(0, text.find('\0'));
    } else if (kind == 'x') {
      long_name = pax_path(text_of(member));
    } else if (kind == '0' || kind == '\0') {
      if (!long_name.empty()) member.name = std::move(long_name);
      return member;
    } else {
      long_name.clear();
    }
  }
  // Between two members nothing else would tell that the others are missing.
  fail("{}: ends at byte {} without the block of zeros that ends every tar; it was cut, get it again", shard_,
       commas(size_));
}

/// Moves past the member that the header begins.
TarReader::Member TarReader::take(std::span<const std::byte> header) {
  const auto size = number(header, 124, 12);
  if (!checksum_holds(header) || !size) {
    fail("{}: no tar header at byte {}; the shard is damaged", shard_, commas(at_));
  }
  Member member{.name = name_of(header), .at = at_ + kBlock, .size = *size};
  if (member.size > size_ - member.at) {
    fail("{}: {} is cut: {} of its {} bytes are there; get the shard again", shard_, member.name,
         commas(size_ - member.at), commas(member.size));
  }
  at_ = std::min(member.at + (member.size + kBlock - 1) / kBlock * kBlock, size_);
  return member;
}

std::string TarReader::text_of(const Member& member) const {
  constexpr std::uint64_t kMost = 1U << 20U;
  if (member.size > kMost) {
    fail("{}: {} has {} bytes where a short text should be", shard_, member.name, commas(member.size));
  }
  std::string text(static_cast<std::size_t>(member.size), '\0');
  read_(member.at, std::as_writable_bytes(std::span(text)));
  return text;
}

}  // namespace springbok::data
