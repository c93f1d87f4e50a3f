// The legend of masks: which class has which colour, and how much of the images it is.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace springbok::study {

/// Pixels and images of each class.
struct Legend {
  std::int64_t images = 0;
  std::vector<std::int64_t> pixels = {}, shown = {};  ///< `shown`: images with such a pixel

  /// One image's pixels of each class.
  void add(const std::vector<std::int64_t>& counts);
};

/// A row a class that has pixels, the largest first: its colour in VOC's palette, name, share of all pixels, images.
std::string legend_table(const Legend& legend, const std::vector<std::string>& classes);

/// The same as an HTML page that needs nothing else, light and dark.
std::string legend_page(const Legend& legend, const std::vector<std::string>& classes);

}  // namespace springbok::study
