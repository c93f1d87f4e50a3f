// Inside the room: the images that predictions are of, and their true masks, wherever they lie.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "springbok/image/image.h"

namespace springbok::study {

/// A sample as it is shown.
struct FoundImage {
  image::Image image;
  image::Image truth = {};                ///< its mask; empty where there is none
  std::vector<std::string> classes = {};  ///< of the mask's indices
};

/// What is to be done with an image once it is read, so that only small ones are kept.
using Shrink = image::Image (*)(image::Image);

/// All of the wanted images. They come from the file of that path, or else from the sources (their validation part
/// first), whose masks come with them. `upright` turns them as their EXIF asks. Throws Error for an image that none
/// has.
std::map<std::string, FoundImage> find_images(std::set<std::string> wanted, const std::vector<std::string>& sources,
                                              Shrink shrink, bool upright = false);

/// `count` indices spread evenly over [0, size).
std::vector<std::size_t> spread(std::size_t size, std::size_t count);
/// `12 of 10,000 images, spread evenly.`
std::string spread_note(std::size_t shown, std::int64_t images);

/// The image as `data:image/jpeg;base64,...`, for photographs; masks stay PNGs.
std::string jpeg_uri(const image::Image& image);

}  // namespace springbok::study
