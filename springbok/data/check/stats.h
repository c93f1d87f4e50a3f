// What a source holds, in numbers: sizes, formats, class balance, mean and standard deviation of the pixels.
#pragma once

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
  std::vector<std::int64_t> per_class;          ///< images, by class index
  std::vector<double> mean, std;                ///< per channel of the source, of all pixels in [0,1], each pixel once
};

/// Decodes every image on `threads` threads. The result does not depend on their number. `done` hears of the images
/// finished, from any thread. Throws Error for the first image that cannot be decoded.
Stats stats_of(const Source& source, int threads, const std::function<void(std::int64_t)>& done = {});

}  // namespace springbok::data
