// Checking a source image by image: what would stop a training, and what would quietly spoil it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "springbok/data/source/source.h"

namespace springbok::data {

/// What can be wrong with an image. The first group cannot be loaded; the second loads, but perhaps not as meant.
enum class Fault : std::uint8_t {
  empty,      ///< no bytes
  truncated,  ///< ends before its pixels do
  corrupt,    ///< damaged, or no image at all
  unfit,      ///< sound, but of a kind that is not loaded: AVIF, CMYK of two inks, TIFF of CIE Lab colours, ...
  missing,    ///< listed, and not there
  mask,       ///< its mask is not there, damaged, no mask, of another size, or has an index that is no class
  damaged,    ///< damaged, and read as Pillow reads it, when that is asked for
  cmyk,       ///< four inks, turned to RGB by Pillow's rule
  extension,  ///< the name's ending says another format than the content
  rotated,    ///< EXIF asks for a rotation, which Preprocess::exif ignores or applies
  blank,      ///< its mask has one index alone, or ignored pixels alone
  duplicate,  ///< the same bytes as an earlier image of the split
  leaked      ///< the same bytes as an image of the other split
};

/// `empty`, `truncated`, ..., and what it means in a few words.
const char* fault_name(Fault fault);
const char* fault_text(Fault fault);
/// Whether loading such an image is an Error.
bool stops_loading(Fault fault);

struct Finding {
  Fault fault = Fault::empty;
  std::string name;    ///< of the sample
  std::string detail;  ///< the error's text, or the other image
  bool operator==(const Finding&) const = default;
};

struct VerifySettings {
  int threads = 1;
  const Source* other = nullptr;                     ///< the other split, to find images in both; nullptr: not asked
  std::function<void(std::int64_t)> done = nullptr;  ///< hears of the images finished, from any thread
};

/// Decodes every image, and every mask of a source of masks. Findings in the source's order, whatever the threads; an
/// image can have several.
std::vector<Finding> verify(const Source& source, const VerifySettings& settings);

}  // namespace springbok::data
