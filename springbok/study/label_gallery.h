// The gallery of labels: images, which labels were found, missed and invented; classes and sizes counted.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "springbok/image/image.h"
#include "springbok/metrics/label_tally.h"
#include "springbok/metrics/prediction.h"

namespace springbok::study {

/// A label is counted as given where its probability is above this.
inline constexpr double kLabelThreshold = 0.5;

struct LabelPicture {
  metrics::Labelled prediction;
  image::Image image;  ///< small
};

struct LabelGallery {
  std::string title = "Labels";
  std::vector<LabelPicture> worst = {};     ///< those with the largest loss
  std::vector<LabelPicture> examples = {};  ///< spread evenly over the others
  std::int64_t images = 0;                  ///< in the whole list
  std::vector<std::string> classes = {};
  std::vector<metrics::LabelCount> counts = {};  ///< of each class; none where no truth is known
  std::string note = {};                         ///< why there are no pictures
};

/// Counts all predictions and chooses up to `limit` pictures of each kind. Classes come in the order given, others
/// follow. Throws as `make_gallery`.
LabelGallery make_label_gallery(const std::vector<metrics::Labelled>& predictions,
                                const std::vector<std::string>& sources, std::size_t limit,
                                std::vector<std::string> classes, bool upright = false);

/// The same without pictures.
LabelGallery counted_labels(const std::vector<metrics::Labelled>& predictions, std::vector<std::string> classes);

std::string gallery_section(const LabelGallery& gallery);

}  // namespace springbok::study
