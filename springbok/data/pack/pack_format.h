// Inside the room: what a packed data set's file is made of. Numbers have their low byte first.
//
//   head     magic, the source's digest (64 hex digits)
//   records  one an image, in the source's order: PackRecord, segment lengths (image/jpeg_segments.h), the encoded
//            image; of masks, behind each, another PackRecord and the mask as a PNG of indices
//   index    a PackRow an image, all names one after the other, and JSON: classes, and what the source was; of label
//            sets, also those
//   tail     PackTail
//
// The magic is version 1 where each image has a class, version 2 for label sets and masks.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "springbok/base/file.h"

namespace springbok::data {

static_assert(std::endian::native == std::endian::little,
              "packed data sets are read and written as they lie in memory");

inline constexpr std::string_view kPackMagic = "springbok-pack-1", kPackMagic2 = "springbok-pack-2";
static_assert(kPackMagic.size() == kPackMagic2.size());
inline constexpr std::size_t kPackHead = 80;

/// Stands before each image, so that what an interrupted run has written can be trusted and gone on with.
struct PackRecord {
  std::uint32_t image = 0, table = 0;  ///< bytes of the image, and of the segment lengths before it
  std::uint32_t height = 0, width = 0;
  std::uint32_t units = 0;              ///< of a segment; 0: an image as it was
  std::array<std::uint8_t, 20> hash{};  ///< the first bytes of the SHA-256 of table and image
};
static_assert(sizeof(PackRecord) == 40);

struct PackRow {
  std::uint64_t at = 0;        ///< offset of the table
  std::uint64_t name_end = 0;  ///< where the name ends among all names
  std::uint32_t image = 0, table = 0;
  std::uint32_t height = 0, width = 0;
  std::uint32_t units = 0;
  std::int32_t target = -1;  ///< the class; of masks, the bytes of the mask's PNG
};
static_assert(sizeof(PackRow) == 40);

struct PackTail {
  std::uint64_t rows_at = 0, names_at = 0, json_at = 0, tail_at = 0;  ///< offsets; each part ends where the next begins
  std::array<std::uint8_t, 32> hash{};                                ///< SHA-256 of the index
  std::array<char, 16> magic{};
};
static_assert(sizeof(PackTail) == 80);

/// The first so many bytes of the SHA-256.
template <std::size_t N>
std::array<std::uint8_t, N> short_hash(std::span<const std::byte> bytes) {
  const std::string hex = sha256(bytes);
  std::array<std::uint8_t, N> hash{};
  for (std::size_t i = 0; i < N; ++i) {
    hash[i] = static_cast<std::uint8_t>(std::stoi(hex.substr(2 * i, 2), nullptr, 16));
  }
  return hash;
}

template <class T>
std::span<const std::byte> bytes_of(const T& value) {
  return std::as_bytes(std::span(&value, 1));
}

template <class T>
T from_bytes(std::span<const std::byte> bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof(T));
  return value;
}

}  // namespace springbok::data
