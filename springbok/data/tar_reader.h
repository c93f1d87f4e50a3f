// Inside the room: what lies where in a tar file (ustar, GNU and PAX long names).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
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

  /// The next member, or nothing at the end. Throws Error for what is no tar, or was cut.
  std::optional<Member> next();

  /// A short content as text. Throws Error for a long one.
  std::string text_of(const Member& member) const;

 private:
  Member take(std::span<const std::byte> header);

  ReadAt read_;
  std::uint64_t size_;
  std::string shard_;
  std::uint64_t at_ = 0;  ///< of the next header
};

}  // namespace springbok::data
