// Inside the room: what lies where in a tar file (ustar, GNU and PAX long names).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>

namespace springbok::data {

/// Reads a file at any place: fills the room, or throws Error.
using ReadAt = std::function<void(std::uint64_t offset, std::span<std::byte> room)>;

/// The regular files of a tar, one after the other. Reads headers and long names, no contents.
class TarReader {
 public:
  struct Member {
    std::string name;
    std::uint64_t at = 0, size = 0;  ///< of the content, within the file
  };

  /// `shard` names the file, of `size` bytes, in messages.
  TarReader(ReadAt read, std::uint64_t size, std::string shard);

  /// The next member, or nothing at the end. Throws Error for what is no tar, was cut, is compressed, or has another
  /// tar behind its end.
  std::optional<Member> next();

  /// A short content as text. Throws Error for a long one.
  std::string text_of(const Member& member) const;

  /// What came between, by kind, that is no regular file nor a folder: `links`, `sparse files`, `devices and pipes`.
  const std::map<std::string, std::int64_t>& skipped() const { return skipped_; }

 private:
  Member take(std::span<const std::byte> header, std::optional<std::uint64_t> size);
  void check_beginning() const;
  void check_end() const;

  ReadAt read_;
  std::uint64_t size_;
  std::string shard_;
  std::uint64_t at_ = 0;  ///< of the next header
  std::map<std::string, std::int64_t> skipped_;
};

}  // namespace springbok::data
