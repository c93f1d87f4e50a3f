// Inside the room: some of an evaluation's predicted masks, for the report of a run.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "springbok/data/source/source.h"
#include "springbok/engine/group.h"
#include "springbok/image/image.h"
#include "springbok/metrics/prediction.h"

namespace springbok::train {

/// Of 64 images at most, spread evenly over the source.
class KeptMasks {
 public:
  explicit KeptMasks(const data::Source& source) : source_(source) {}

  /// A predicted mask, and the truth of the same size.
  void add(std::int64_t sample, const image::Image& truth, const image::Image& mask,
           const std::vector<std::string>& classes);

  /// Makes them those of all ranks, in the source's order.
  void join(engine::Group& group);

  /// Writes them as palette PNGs to `folder`, with the classes beside them, and returns the predictions that name them
  /// (`masks/000012.png`) and count their pixels.
  std::vector<metrics::Prediction> write(const std::filesystem::path& folder,
                                         const std::vector<std::string>& classes) const;

 private:
  struct Kept {
    std::int64_t sample = 0;
    image::Image mask;
    std::vector<metrics::PixelCount> pixels;
  };

  const data::Source& source_;
  std::vector<Kept> kept_;
};

}  // namespace springbok::train
