// How fast sources are loaded under a transform, side by side, and which stage takes the time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "springbok/data/augment/pixel_transform.h"
#include "springbok/data/augment/stage_times.h"
#include "springbok/data/augment/transform.h"
#include "springbok/data/source/source.h"

namespace springbok::data {

/// One of the sources that are compared.
struct Contender {
  std::string name;
  std::unique_ptr<Source> source;
  SampleTransform transform;  ///< one that gives all samples the same size
};

struct ThroughputSettings {
  double seconds = 10;  ///< of measuring, for each source
  int turns = 5;        ///< into which they are split: sources take turns, so that what else the machine does hits all
  int workers = 1;      ///< 0 loads in the calling thread
  std::int64_t batch = 32;
  std::uint64_t seed = 0;
  std::function<void(std::int64_t)> done = {};  ///< hears of the turns finished, of all sources together
};

struct Throughput {
  std::string name;
  double images_per_second = 0;  ///< of the loader with its workers; median of the turns
  double ratio = 1;              ///< to the first source; median of the turns' ratios
  std::int64_t images = 0;       ///< loaded while the loader was measured
  StageTimes per_image;          ///< seconds in one thread, alone
  Stage limit = Stage::read;     ///< the stage that takes most

  double seconds_per_image() const;
};

/// Measures each source with the loader, shuffled, and in one thread stage by stage. Small sources are gone through
/// many times. Throws Error for images that cannot be loaded.
std::vector<Throughput> measure_throughput(std::vector<Contender> contenders, const ThroughputSettings& settings);

}  // namespace springbok::data
