// Headers of tar files, read one by one.
#include "springbok/data/shards/tar_reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <string_view>
#include <utility>
#include <vector>

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

/// What a PAX header says of the member behind it.
struct Pax {
  std::string path;                   ///< empty where it says none
  std::optional<std::uint64_t> size;  ///< of files too large for a header's digits
};

/// Its records are `LENGTH KEY=VALUE\n`.
Pax read_pax(const std::string& records) {
  Pax pax;
  for (std::size_t at = 0; at < records.size();) {
    const std::size_t length = std::strtoull(records.c_str() + at, nullptr, 10), gap = records.find(' ', at);
    if (length == 0 || gap == std::string::npos || length > records.size() - at || gap + 1 >= at + length) break;
    const std::string record = records.substr(gap + 1, at + length - gap - 2);
    if (record.starts_with("path=")) pax.path = record.substr(5);
    if (record.starts_with("size=")) {
      std::uint64_t size = 0;
      const auto [end, error] = std::from_chars(record.data() + 5, record.data() + record.size(), size);
      if (error == std::errc() && end == record.data() + record.size()) pax.size = size;
    }
    at += length;
  }
  return pax;
}

bool is_zero(Bytes block) {
  return std::all_of(block.begin(), block.end(), [](std::byte b) { return b == std::byte{}; });
}

/// Kinds of members that are no regular files; nothing for folders and what only describes the next member.
const char* name_of_kind(char kind) {
  if (kind == '1' || kind == '2') return "links";
  if (kind == 'S') return "sparse files";
  return kind == '3' || kind == '4' || kind == '6' ? "devices and pipes" : nullptr;
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
  if (at_ == 0) check_beginning();
  std::string long_name;
  Pax pax;
  std::array<std::byte, kBlock> header{};
  while (size_ - at_ >= kBlock) {
    read_(at_, header);
    if (is_zero(header)) {
      check_end();
      return std::nullopt;
    }
    const char kind = static_cast<char>(header[156]);
    const bool describes = kind == 'L' || kind == 'K' || kind == 'x' || kind == 'g';
    Member member = take(header, describes ? std::nullopt : pax.size);
    if (kind == 'L') {
      const std::string text = text_of(member);
      long_name = text.substr(0, text.find('\0'));
    } else if (kind == 'x') {
      pax = read_pax(text_of(member));
    } else if (kind == '0' || kind == '\0' || kind == '7') {
      if (!long_name.empty()) member.name = std::move(long_name);
      if (!pax.path.empty()) member.name = std::move(pax.path);
      return member;
    } else if (!describes) {
      if (const char* const name = name_of_kind(kind)) ++skipped_[name];
      long_name.clear();
      pax = {};
    }
  }
  // Between two members nothing else would tell that the others are missing.
  fail("{}: ends at byte {} without the block of zeros that ends every tar; it was cut, get it again", shard_,
       commas(size_));
}

/// A compressed tar can be read from its beginning only.
void TarReader::check_beginning() const {
  struct Compression {
    std::string_view begins, name, unpacks;
  };
  constexpr std::array<Compression, 5> kKnown{{{"\x1F\x8B", "gzip", "gzip -dc"},
                                               {"\x28\xB5\x2F\xFD", "Zstandard", "zstd -dc"},
                                               {"BZh", "bzip2", "bzip2 -dc"},
                                               {"\xFD\x37zXZ", "xz", "xz -dc"},
                                               {"\x04\x22\x4D\x18", "LZ4", "lz4 -dc"}}};
  std::string begin(static_cast<std::size_t>(std::min<std::uint64_t>(size_, 6)), '\0');
  if (begin.size() < 6) return;
  read_(0, std::as_writable_bytes(std::span(begin)));
  for (const Compression& each : kKnown) {
    if (!begin.starts_with(each.begins)) continue;
    fail("{}: is compressed ({}), so that no image in it can be read alone; unpack it: {} FILE > PLAIN.tar", shard_,
         each.name, each.unpacks);
  }
}

/// Behind the end come zeros up to the size of a tape's record. A header there begins another tar, which
/// `cat A.tar B.tar` put there and no reader of tars would see.
void TarReader::check_end() const {
  constexpr std::uint64_t kMostZeros = 1 << 20, kPiece = 16 << 10;
  std::vector<std::byte> piece;
  for (std::uint64_t at = at_; at < at_ + kMostZeros; at += kPiece) {
    piece.resize(at < size_ ? std::min(kPiece, size_ - at) / kBlock * kBlock : 0);
    if (piece.empty()) return;
    read_(at, piece);
    const auto used = std::find_if(piece.begin(), piece.end(), [](std::byte b) { return b != std::byte{}; });
    if (used == piece.end()) continue;
    const auto begin = static_cast<std::size_t>(used - piece.begin()) / kBlock * kBlock;
    if (!checksum_holds(Bytes(piece).subspan(begin, kBlock))) return;
    fail("{}: has another tar behind its end, at byte {}; keep them apart, or join them with 'tar --concatenate'",
         shard_, commas(at + begin));
  }
}

/// Moves past the member that the header begins. `size` counts more than the header's.
TarReader::Member TarReader::take(std::span<const std::byte> header, std::optional<std::uint64_t> size) {
  if (!size) size = number(header, 124, 12);
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
