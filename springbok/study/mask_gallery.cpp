// Counting pixels, choosing pictures and finding their masks.
#include "springbok/study/mask_gallery.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/lines.h"
#include "springbok/base/quote.h"
#include "springbok/image/palette.h"
#include "springbok/image/resize.h"
#include "springbok/study/gallery_images.h"

namespace springbok::study {
namespace {

namespace fs = std::filesystem;

constexpr int kSide = 224;  // of a picture's longer side

image::Image small(image::Image image, image::Filter filter) {
  const int longer = std::max(image.height, image.width);
  if (longer <= kSide) return image;
  return image::resize(image, std::max(1, image.height * kSide / longer), std::max(1, image.width * kSide / longer),
                       filter);
}

image::Image as_it_is(image::Image image) {
  return image;
}

/// The number of each class's name; names that are new are added.
std::size_t place_of(const std::string& name, std::vector<std::string>& names) {
  const auto at = std::find(names.begin(), names.end(), name);
  if (at == names.end()) names.push_back(name);
  return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

fs::path mask_file(const std::string& mask, const fs::path& folder) {
  std::error_code ignored;
  for (const std::string& name : {mask, printed_bytes(mask)}) {
    for (const fs::path& file : {fs::path(name), folder / name}) {
      if (fs::is_regular_file(file, ignored)) return file;
    }
  }
  fail("the predicted mask '{}' is no file, neither here nor in {}", mask, folder.empty() ? "." : folder.string());
}

/// What `classes.txt` in the mask's folder, or in one of the folders around that, says; nothing where there is none.
std::vector<std::string> listed_classes(const fs::path& mask) {
  std::error_code ignored;
  constexpr int kDeepest = 4;
  fs::path folder = fs::absolute(mask).parent_path();
  for (int i = 0; i < kDeepest && folder.has_relative_path(); ++i, folder = folder.parent_path()) {
    if (fs::is_regular_file(folder / "classes.txt", ignored)) return read_names(folder / "classes.txt");
  }
  return {};
}

/// A mask whose indices are those of `names` in place of `classes`.
image::Image renumbered(image::Image mask, const std::vector<std::string>& classes, std::vector<std::string>& names) {
  std::array<std::uint8_t, 256> to{};
  to.fill(metrics::kIgnoredPixel);
  for (std::size_t c = 0; c < std::min<std::size_t>(classes.size(), metrics::kIgnoredPixel); ++c) {
    to.at(c) = static_cast<std::uint8_t>(std::min<std::size_t>(place_of(classes[c], names), metrics::kIgnoredPixel));
  }
  for (std::uint8_t& pixel : mask.pixels) pixel = to.at(pixel);
  return mask;
}

void expect_same_size(const image::Image& mask, const image::Image& image, const std::string& file) {
  if (mask.height == image.height && mask.width == image.width) return;
  fail("{}: the mask is {} x {}, its image {} x {}; masks of '--protocol elastic' are padded and cannot be shown", file,
       mask.height, mask.width, image.height, image.width);
}

MaskPicture picture_of(const metrics::Painted& one, const FoundImage& found, const fs::path& folder,
                       std::vector<std::string>& names) {
  const fs::path file = mask_file(one.mask, folder);
  const std::vector<std::string> listed = listed_classes(file);
  image::Image predicted = image::decode_indices(read_file(file), file.string()).indices;
  expect_same_size(predicted, found.image, file.string());
  predicted = renumbered(std::move(predicted), listed.empty() ? std::vector(names) : listed, names);
  MaskPicture picture{.prediction = one,
                      .image = small(found.image, image::Filter::bilinear),
                      .truth = {},
                      .predicted = small(std::move(predicted), image::Filter::nearest)};
  if (found.truth.pixels.empty()) return picture;
  picture.truth = small(renumbered(found.truth, found.classes, names), image::Filter::nearest);
  return picture;
}

struct Chosen {
  std::vector<std::size_t> worst, examples;
};

Chosen choose(const std::vector<metrics::Painted>& predictions, std::size_t limit) {
  std::vector<std::pair<double, std::size_t>> known;
  std::vector<std::size_t> rest;
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    const double iou = predictions[i].mean_iou();
    if (std::isnan(iou)) {
      rest.push_back(i);
    } else {
      known.emplace_back(iou, i);
    }
  }
  std::sort(known.begin(), known.end());
  Chosen chosen;
  for (const auto& [iou, i] : known) (chosen.worst.size() < limit ? chosen.worst : rest).push_back(i);
  std::sort(rest.begin(), rest.end());
  for (const std::size_t i : spread(rest.size(), limit)) chosen.examples.push_back(rest[i]);
  return chosen;
}

}  // namespace

MaskGallery counted_masks(const std::vector<metrics::Painted>& predictions, std::vector<std::string> classes) {
  struct Cell {
    std::size_t truth, predicted;
    bool none;
  };
  std::vector<std::pair<Cell, std::int64_t>> cells;
  for (const metrics::Painted& one : predictions) {
    for (const metrics::PixelCount& pixel : one.pixels) {
      const bool none = pixel.predicted.empty();
      cells.push_back(
          {{place_of(pixel.truth, classes), none ? 0 : place_of(pixel.predicted, classes), none}, pixel.count});
    }
  }
  MaskGallery gallery{.images = std::ssize(predictions)};
  if (!cells.empty()) {
    const auto size = static_cast<std::int64_t>(classes.size());
    gallery.tally = {.samples = gallery.images,
                     .classes = size,
                     .pixels = std::vector<std::int64_t>(static_cast<std::size_t>(size * (size + 1)))};
    for (const auto& [cell, count] : cells) {
      const std::size_t column = cell.none ? classes.size() : cell.predicted;
      gallery.tally.pixels[cell.truth * (classes.size() + 1) + column] += count;
    }
  }
  gallery.classes = std::move(classes);
  return gallery;
}

MaskGallery make_mask_gallery(const std::vector<metrics::Painted>& predictions, const std::vector<std::string>& sources,
                              const fs::path& folder, std::size_t limit, std::vector<std::string> classes) {
  const Chosen chosen = choose(predictions, limit);
  std::set<std::string> wanted;
  for (const auto& indices : {chosen.worst, chosen.examples}) {
    for (const std::size_t i : indices) wanted.insert(predictions[i].image);
  }
  if (classes.empty() && !predictions.empty()) {
    classes = listed_classes(mask_file(predictions.front().mask, folder));
  }
  const auto images = find_images(std::move(wanted), sources, as_it_is);
  MaskGallery gallery = counted_masks(predictions, std::move(classes));
  const auto pictures = [&](const std::vector<std::size_t>& indices) {
    std::vector<MaskPicture> list;
    for (const std::size_t i : indices) {
      list.push_back(picture_of(predictions[i], images.at(predictions[i].image), folder, gallery.classes));
    }
    return list;
  };
  gallery.worst = pictures(chosen.worst);
  gallery.examples = pictures(chosen.examples);
  return gallery;
}

}  // namespace springbok::study
