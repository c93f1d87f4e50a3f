// The gallery: images with what a network predicted of them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "springbok/image/image.h"
#include "springbok/metrics/prediction.h"
#include "springbok/study/errors.h"

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
  Errors errors = count_errors({});
  std::string note = {};  ///< why there are no pictures
};

/// Chooses up to `limit` examples and as many mistakes beyond them, and loads their images. They come from the file of
/// that path, or else from the sources (`idx:PATH`, ..., their validation part first). Throws Error for an image that
/// none has. `upright`: turned as their EXIF asks, for networks that saw them so.
Gallery make_gallery(const std::vector<metrics::Prediction>& predictions, const std::vector<std::string>& sources,
                     std::size_t limit = 24, const std::vector<std::string>& classes = {}, bool upright = false);

/// The same without pictures, with a note why there are none.
Gallery without_pictures(const std::vector<metrics::Prediction>& predictions, const std::string& note,
                         const std::vector<std::string>& classes = {});

/// The bytes in base64.
std::string base64(std::span<const std::byte> bytes);

/// The image as `data:image/png;base64,...`.
std::string data_uri(const image::Image& image);

}  // namespace springbok::study
