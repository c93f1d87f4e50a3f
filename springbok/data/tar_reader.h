// Inside the room: the members of a tar file (ustar, GNU and PAX long names), one after the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "springbok/base/random_file.h"

namespace springbok::data {

/// A regular file in a tar: its name, and where its content lies.
struct TarMember {
  std::string name;
  std::uint64_t at = 0;
  std::uint64_t size = 0;
};

/// Reads headers, and of contents only names that are too long for one. Throws Error, naming the shard and the byte,
/// for a file that is cut, is no tar, or cannot be read.
class TarReader {
 public:
  /// `shard` is what messages call the file. Both must outlive this.
  TarReader(const RandomFile& file, const std::string& shard) : file_(file), shard_(shard), size_(file.size()) {}

  /// The next regular file, or nothing at the end.
  std::optional<TarMember> next();
  /// A member's content; more than a megabyte is an Error, since a class takes less.
  std::string text(const TarMember& member) const;

 private:
  TarMember pass(std::span<const std::byte> header);

  const RandomFile& file_;
  const std::string& shard_;
  std::uint64_t size_ = 0;
  std::uint64_t at_ = 0;
};

}  // namespace springbok::data
