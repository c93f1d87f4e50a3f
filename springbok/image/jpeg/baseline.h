// What a plain baseline JPEG says before its data: the files that image/jpeg/crop.h decodes itself.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace springbok::image {

/// A Huffman table as a file gives it (ITU T.81, B.2.4.2): how many codes of each length, and their symbols in order.
struct HuffmanCodes {
  std::array<std::uint8_t, 17> count{};  ///< [length], lengths 1 to 16
  std::array<std::uint8_t, 256> symbols{};
  bool given = false;
  bool operator==(const HuffmanCodes&) const = default;
};

/// One of Y, Cb, Cr.
struct BaselineComponent {
  std::uint8_t id = 0;
  int across = 1, down = 1;               ///< sampling factors: blocks of a unit (MCU)
  std::array<std::uint16_t, 64> steps{};  ///< quantisation, at the coefficients' places in a block
  const HuffmanCodes* dc = nullptr;
  const HuffmanCodes* ac = nullptr;
};

/// A baseline, 8-bit, Huffman-coded YCbCr image in one scan, its chroma stored in full, halved in width, or halved in
/// both.
struct BaselineJpeg {
  int height = 0, width = 0;
  std::array<BaselineComponent, 3> components;
  int restart_every = 0;            ///< units between two restart markers; 0 for none
  std::span<const std::byte> data;  ///< from the first coded byte to the end of the file

  std::array<HuffmanCodes, 4> dc_codes, ac_codes;

  BaselineJpeg() = default;
  BaselineJpeg(const BaselineJpeg&) = delete;
  BaselineJpeg& operator=(const BaselineJpeg&) = delete;

  /// Reads the header. False for every other kind of JPEG, damaged ones among them: libjpeg decodes or refuses those.
  bool read(std::span<const std::byte> bytes);
};

/// Where the k-th coefficient of a file's order lies in a block of 8 x 8 (T.81, figure 5).
inline constexpr std::array<std::uint8_t, 64> kZigzag = {
    0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,  12, 19, 26, 33, 40, 48,
    41, 34, 27, 20, 13, 6,  7,  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23,
    30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63};

}  // namespace springbok::image
