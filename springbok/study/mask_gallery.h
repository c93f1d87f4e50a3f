// The gallery of masks: image, truth, prediction and where they differ; classes and their confusion counted.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "springbok/image/image.h"
#include "springbok/metrics/pixel_tally.h"
#include "springbok/metrics/prediction.h"

namespace springbok::study {

/// Small; masks hold indices of the gallery's classes.
struct MaskPicture {
  metrics::Painted prediction;
  image::Image image, truth, predicted;  ///< `truth` is empty where it is not known
};

struct MaskGallery {
  std::string title = "Masks";
  std::vector<MaskPicture> worst = {};     ///< those with the lowest mean IoU
  std::vector<MaskPicture> examples = {};  ///< spread evenly over the others
  std::int64_t images = 0;                 ///< in the whole list
  std::vector<std::string> classes = {};
  metrics::PixelTally tally = {};  ///< of all; no classes where no truth is known
  std::string note = {};           ///< why there are no pictures
};

/// Counts all predictions and chooses up to `limit` pictures of each kind. A mask is the file of that path, or of the
/// same path in `folder`; its classes are those that `classes.txt` beside it lists, else `classes`. Images and true
/// masks come from the sources, or from the file of that path. Throws Error for what is nowhere, and for masks of
/// another size than their image.
MaskGallery make_mask_gallery(const std::vector<metrics::Painted>& predictions, const std::vector<std::string>& sources,
                              const std::filesystem::path& folder, std::size_t limit, std::vector<std::string> classes);

/// The same without pictures.
MaskGallery counted_masks(const std::vector<metrics::Painted>& predictions, std::vector<std::string> classes);

std::string gallery_section(const MaskGallery& gallery);

}  // namespace springbok::study
