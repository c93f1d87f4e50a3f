// What a source holds, in numbers: sizes, formats, class balance, mean and standard deviation of the pixels.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "springbok/data/source/source.h"

namespace springbok::data {

/// Smallest, largest and mean of one measure.
struct Spread {
  std::int64_t least = 0, most = 0;
  double mean = 0;
};

struct Stats {
  std::int64_t images = 0;
  Spread height, width, bytes;                  ///< `bytes`: of encoded images; all 0 for sources that store pixels
  std::map<std::string, std::int64_t> formats;  ///< `JPEG`, `PNG`, `WebP`, or `pixels`
  std::vector<std::int64_t> per_class;          ///< images, by class index: of it, with its label, with its pixels
  Spread labels;                                ///< of an image: its labels, or the classes in its mask
  std::int64_t without = 0;                     ///< images with no label, or with a mask of ignored pixels alone
  std::array<std::int64_t, 3> by_size{};        ///< labels that are shown small, medium, large, where sizes are said
  std::vector<std::int64_t> pixels;             ///< of masks: pixels, by class index
  std::int64_t ignored = 0;                     ///< of masks: pixels that count for nothing
  std::vector<double> mean, std;                ///< per channel of the source, of all pixels in [0,1], each pixel once
};

/// Decodes every image, and every mask, on `threads` threads. The result does not depend on their number. `done` hears
/// of the images finished, from any thread. Throws Error for the first image or mask that cannot be decoded.
Stats stats_of(const Source& source, int threads, const std::function<void(std::int64_t)>& done = {});

}  // namespace springbok::data
