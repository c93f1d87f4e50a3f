// Packed data sets: all images of a source in one file, rewritten so that crops are decoded alone; and the way back.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "springbok/data/source/source.h"

namespace springbok::data {

struct PackSettings {
  int threads = 1;                         ///< the file is the same for any number
  std::function<void(std::int64_t)> done;  ///< called with the images written so far
};

struct PackReport {
  std::int64_t images = 0;
  std::int64_t resumed = 0;    ///< of these, written by an earlier run that was stopped
  std::string changed;         ///< the first image that changed since that run, from which on all is made anew
  std::int64_t rewritten = 0;  ///< JPEGs; the others are kept byte for byte, raw ones as PNG
  std::uint64_t before = 0;    ///< bytes of the encoded images as they were, without those of an earlier run
  std::uint64_t after = 0;     ///< of the same in the file, with their segments
  std::uint64_t file = 0;      ///< bytes of the whole file
};

/// Writes `folder`/train.pack or val.pack. Every image is decoded before and after and compared. The file appears when
/// it is whole; until then `FILE.part` beside it grows. A run that finds one of the same source checks it and goes on
/// behind it. It does so up to the first image whose file has another size or time since (FILE.part-stamps holds them).
/// Label sets and masks (as PNGs of indices) are packed too, in version 2 of the format. Throws Error: an image or mask
/// that cannot be decoded, with its name; a file that is there already; another process at the
/// same work; a full disk.
PackReport write_pack(const Source& source, const std::filesystem::path& folder, const Split& split,
                      const PackSettings& settings);

/// Writes `folder`/train.lmdb or val.lmdb, a plain database (docs/rooms/data.md) of the encoded images as they are, raw
/// ones as PNG, in the source's order. It appears when it is whole, and is the same for any number of threads; a
/// stopped run begins anew. Throws Error as `write_pack` does, and for images without a class.
PackReport write_lmdb(const Source& source, const std::filesystem::path& folder, const Split& split,
                      const PackSettings& settings);

/// Throws the Error that `unpack` would begin with.
void check_unpack(const Source& source, const std::filesystem::path& folder, const Split& split);

struct UnpackReport {
  std::int64_t images = 0;
  std::int64_t skipped = 0;  ///< there already, with the same bytes
  std::uint64_t bytes = 0;
  bool without_sizes = false;  ///< labels had sizes of objects, which the table has no place for
};

/// Writes each image to `folder`/train/CLASS/NAME or val/..., as a JPEG without restart markers where it was
/// rewritten, else byte for byte; pixels are the same. Opening the folder gives the same classes in the same order,
/// with a list of them beside the class folders where these cannot say it (class_folders.h, unpack_plan.h). Files that
/// are there with the same bytes stay. Of masks, images go to SPLIT/images/NAME and masks to SPLIT/masks/NAME.png; of
/// labels, images go there too, and SPLIT.csv lists them; classes.txt names the classes of both. Throws Error before
/// anything is written for what is in the way, for samples without a class, and for sources that do not store encoded
/// images.
UnpackReport unpack(const Source& source, const std::filesystem::path& folder, const Split& split,
                    const PackSettings& settings);

}  // namespace springbok::data
