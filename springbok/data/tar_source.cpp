// WebDataset shards: the members of tar files (ustar, GNU and PAX long names), grouped into samples.
#include "springbok/data/tar_source.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/data/bytes_source.h"
#include "springbok/data/class_names.h"
#include "springbok/data/image_names.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBlock = 512;

using Bytes = std::span<const std::byte>;

std::string text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// A field of a header, up to its first zero.
std::string field(Bytes header, std::size_t at, std::size_t size) {
  const std::string text = text_of(header.subspan(at, size));
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

struct Member {
  std::string name;
  Bytes content;
};

/// The regular files of a tar, one after the other.
class TarReader {
 public:
  TarReader(Bytes bytes, std::string shard) : bytes_(bytes), shard_(std::move(shard)) {}

  std::optional<Member> next() {
    std::string long_name;
    while (at_ + kBlock <= bytes_.size()) {
      const Bytes header = bytes_.subspan(at_, kBlock);
      if (std::all_of(header.begin(), header.end(), [](std::byte b) { return b == std::byte{}; })) return std::nullopt;
      const Bytes content = content_of(header);
      const char kind = static_cast<char>(header[156]);
      if (kind == 'L') {
        long_name = text_of(content).c_str();
      } else if (kind == 'x') {
        long_name = pax_path(text_of(content));
      } else if (kind == '0' || kind == '\0') {
        return Member{long_name.empty() ? name_of(header) : long_name, content};
      } else {
        long_name.clear();
      }
    }
    if (at_ != bytes_.size())
      fail("{}: cut within a header at byte {}; get it again", shard_, with_commas(signed_at()));
    return std::nullopt;
  }

 private:
  /// Moves past the member.
  Bytes content_of(Bytes header) {
    const auto size = number(header, 124, 12);
    if (!checksum_holds(header) || !size) {
      fail("{}: no tar header at byte {}; the shard is damaged", shard_, with_commas(signed_at()));
    }
    const std::size_t begin = at_ + kBlock;
    if (*size > bytes_.size() - begin) {
      fail("{}: {} is cut: {} of its {} bytes are there; get the shard again", shard_, name_of(header),
           with_commas(static_cast<std::int64_t>(bytes_.size() - begin)),
           with_commas(static_cast<std::int64_t>(*size)));
    }
    at_ = std::min(begin + (*size + kBlock - 1) / kBlock * kBlock, bytes_.size());
    return bytes_.subspan(begin, *size);
  }

  static std::string name_of(Bytes header) {
    const std::string prefix = text_of(header.subspan(257, 5)) == "ustar" ? field(header, 345, 155) : "";
    return (prefix.empty() ? "" : prefix + "/") + field(header, 0, 100);
  }
  std::int64_t signed_at() const { return static_cast<std::int64_t>(at_); }

  Bytes bytes_;
  std::string shard_;
  std::size_t at_ = 0;
};

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

std::vector<fs::path> shards_in(const fs::path& folder) {
  std::vector<fs::path> shards;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".tar") shards.push_back(entry.path());
  }
  std::sort(shards.begin(), shards.end());
  return shards;
}

fs::path split_folder(const fs::path& folder, Split split) {
  return folder / (split == Split::train ? "train" : "val");
}

class TarSource : public BytesSource {
 public:
  TarSource(const fs::path& root, const fs::path& folder) {
    for (const fs::path& shard : shards_in(folder)) {
      files_.emplace_back(shard);
      add(files_.back().bytes(), shard.lexically_relative(root).string());
    }
    if (samples_.empty()) fail("{}: no *.tar files with samples", folder.string());
    Labelled labelled = label(labels_, lines_if_there(root / "classes.txt"), folder.string());
    classes_ = std::move(labelled.classes);
    targets_ = std::move(labelled.targets);
    description_ = format("tar: {} images in {} classes, {} shards ({})", with_commas(size()), classes_.size(),
                          files_.size(), folder.string());
  }

  std::string name(std::int64_t index) const override { return samples_.at(static_cast<std::size_t>(index)).name; }

 protected:
  std::vector<std::byte> bytes(std::int64_t index) const override {
    const Bytes content = samples_.at(static_cast<std::size_t>(index)).content;
    return {content.begin(), content.end()};
  }

 private:
  /// What has been found of the sample whose members are being read.
  struct Open {
    std::string key;
    std::optional<Member> image;
    std::optional<std::string> label;
  };

  void add(Bytes bytes, const std::string& shard) {
    TarReader reader(bytes, shard);
    Open open;
    while (const auto member = reader.next()) {
      const auto [key, ending] = split_name(member->name);
      if (key != open.key) finish(std::exchange(open, Open{.key = key, .image = {}, .label = {}}), shard);
      if (is_class(ending)) {
        open.label = trimmed(text_of(member->content));
      } else if (ending.find('.') == std::string::npos && is_image_name("." + ending)) {
        open.image = member;
      }
    }
    finish(open, shard);
  }

  void finish(const Open& open, const std::string& shard) {
    if (open.key.empty() || (!open.image && !open.label)) return;  // other members, such as json alone
    if (!open.image) fail("{}/{}: has a class but no image ({})", shard, open.key, image_endings());
    if (!open.label) fail("{}/{}: has no class; expected {}.cls beside it", shard, open.image->name, open.key);
    samples_.push_back({shard + "/" + open.image->name, open.image->content});
    labels_.push_back(*open.label);
  }

  std::vector<MappedFile> files_;
  std::vector<Member> samples_;
  std::vector<std::string> labels_;
};

}  // namespace

bool has_shards(const fs::path& folder, Split split) {
  return !shards_in(split_folder(folder, split)).empty();
}

std::unique_ptr<Source> open_tar(const fs::path& folder, Split split) {
  return std::make_unique<TarSource>(folder, split_folder(folder, split));
}

}  // namespace springbok::data
