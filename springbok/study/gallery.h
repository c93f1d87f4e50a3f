// The gallery: images with what a network predicted of them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "springbok/image/image.h"
#include "springbok/metrics/prediction.h"

namespace springbok::study {

struct Picture {
  metrics::Ranked prediction;
  image::Image image;  ///< at most kThumbnail pixels on its shorter side
};

inline constexpr int kThumbnail = 128;

struct Gallery {
  std::string title = "Predictions";
  std::vector<Picture> examples;  ///< spread evenly over the list
  std::vector<Picture> mistakes;  ///< the wrong ones that the network was surest of
  std::int64_t images = 0;        ///< in the whole list
  std::int64_t wrong = 0;
};

/// Chooses up to `limit` examples and as many mistakes beyond them, and loads their images. They come from the file of
/// that path, or else from the sources (`idx:PATH`, ..., their validation part first). Throws Error for an image that
/// none has.
Gallery make_gallery(const std::vector<metrics::Prediction>& predictions, const std::vector<std::string>& sources,
                     std::size_t limit = 24);

/// The image as `data:image/png;base64,...`.
std::string data_uri(const image::Image& image);

}  // namespace springbok::study
