// Masks as PNGs: indices with a palette of colours, read and written as indices.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "springbok/image/image.h"

namespace springbok::image {

/// Red, green and blue by index.
using Palette = std::vector<std::array<std::uint8_t, 3>>;

/// PASCAL VOC's 256 colours: bit 7 - b of a colour is bit 3 b + c of the index, c being 0 for red, 1 for green and 2
/// for blue (VOC devkit, VOCcolormap.m). Index 255, which counts for nothing, is (224, 224, 192).
Palette voc_palette();

struct Indexed {
  Image indices;         ///< 1 channel
  Palette palette = {};  ///< empty for grey
};

/// Reads the numbers that a PNG stores, whatever their colours: with a palette, or grey with 1 to 8 bits, whose values
/// are not stretched. Throws Error naming `name` for others (colours, 16 bits) and for damage.
Indexed decode_indices(std::span<const std::byte> bytes, const std::string& name);

/// A PNG of 8-bit indices with a palette of 256 colours.
std::vector<std::byte> encode_indices(const Image& indices, const Palette& palette);

}  // namespace springbok::image
