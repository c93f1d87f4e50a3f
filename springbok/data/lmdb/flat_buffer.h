// Inside the room: reading FlatBuffers without generated code; every access is checked against the bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "springbok/base/error.h"

namespace springbok::data {

/// Little-endian numbers at places of a buffer.
class FlatBytes {
 public:
  FlatBytes(std::span<const std::byte> bytes, const std::string& where) : bytes_(bytes), where_(where) {}

  std::uint64_t number(std::size_t at, std::size_t size) const {
    if (at > bytes_.size() || size > bytes_.size() - at) fail("{}: cut or damaged at byte {}", where_, at);
    std::uint64_t value = 0;
    for (std::size_t i = size; i-- > 0;) value = value << 8 | std::to_integer<std::uint64_t>(bytes_[at + i]);
    return value;
  }
  std::int64_t long_at(std::size_t at) const { return static_cast<std::int64_t>(number(at, 8)); }
  std::size_t follow(std::size_t at) const { return at + number(at, 4); }

 private:
  std::span<const std::byte> bytes_;
  const std::string& where_;
};

/// A table: fields by number, any of which may be missing.
class FlatTable {
 public:
  FlatTable(const FlatBytes& bytes, std::size_t at) : bytes_(&bytes), at_(at) {
    const auto back = static_cast<std::int32_t>(static_cast<std::uint32_t>(bytes.number(at, 4)));
    vtable_ = static_cast<std::size_t>(static_cast<std::int64_t>(at) - back);
  }
  /// Where the field is, or 0.
  std::size_t place(std::size_t field) const {
    const std::size_t entry = 4 + 2 * field;
    if (entry + 2 > bytes_->number(vtable_, 2)) return 0;
    const std::uint64_t offset = bytes_->number(vtable_ + entry, 2);
    return offset == 0 ? 0 : at_ + offset;
  }
  std::uint64_t number(std::size_t field, std::size_t size, std::uint64_t otherwise = 0) const {
    const std::size_t at = place(field);
    return at == 0 ? otherwise : bytes_->number(at, size);
  }
  FlatTable table(std::size_t field) const {
    check_there(field);
    return {*bytes_, bytes_->follow(place(field))};
  }
  /// Where a vector's elements begin, and how many there are; none when it is missing.
  struct Vector {
    std::size_t at = 0, count = 0;
  };
  Vector vector(std::size_t field) const {
    const std::size_t at = place(field);
    if (at == 0) return {};
    const std::size_t start = bytes_->follow(at);
    return {start + 4, bytes_->number(start, 4)};
  }

 private:
  void check_there(std::size_t field) const {
    if (place(field) == 0) fail("an Arrow message lacks its field {}", field);
  }

  const FlatBytes* bytes_;
  std::size_t at_;
  std::size_t vtable_;
};

}  // namespace springbok::data
