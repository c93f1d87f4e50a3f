// Cut-outs: photographs of single objects with an alpha mask, in folders that are their classes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "springbok/image/image.h"

namespace springbok::data {

/// A pixel of a cut-out belongs to the object from this alpha on.
inline constexpr int kObjectAlpha = 128;

struct Cutout {
  std::string name;       ///< its path below the folder of all cut-outs
  int label = 0;          ///< its class
  image::Image pixels;    ///< RGBA, cut to what is not quite transparent
  std::int64_t area = 0;  ///< pixels of the object
};

/// The pixels of an RGBA image that belong to the object.
std::int64_t object_area(const image::Image& rgba);

/// The image cut to its pixels with an alpha above 0. Throws Error for an image without any.
image::Image trimmed(const image::Image& rgba);

/// Of each class, and disjoint: what training images are made of, and what validation images are.
struct CutoutParts {
  std::vector<std::string> classes;
  std::vector<std::vector<Cutout>> train, val;  ///< by class
  std::vector<std::string> left_out;            ///< `7 without transparent pixels`
};

/// Reads `root`/FOLDER for each of `folders`; the last part of its name is the class. A class has the PNGs of its
/// folder and of those below it that are no class themselves. Left out, and counted: what lies in a folder of drawings
/// (`cartoon`, `toys`, `plastic`, `00_symbols`), mirrored copies (`NAME_mirror.png`), files with the bytes of an
/// earlier one. So are images without transparent pixels, objects that are mostly translucent, and those under 24
/// pixels long. Longer ones than `longest` are shrunk to it. A quarter of each class, drawn by the seed, is for
/// validation. Throws Error for a folder that is missing, a damaged PNG, a class name that comes twice, and a class of
/// fewer than 4.
CutoutParts read_cutouts(const std::filesystem::path& root, const std::vector<std::string>& folders, int longest,
                         std::uint64_t seed, int threads);

}  // namespace springbok::data
