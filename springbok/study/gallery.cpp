// Choosing predictions and finding their images.
#include "springbok/study/gallery.h"

#include <openssl/evp.h>

#include <algorithm>
#include <map>
#include <set>

#include "springbok/base/error.h"
#include "springbok/image/encode.h"
#include "springbok/image/resize.h"
#include "springbok/study/gallery_images.h"

namespace springbok::study {
namespace {

/// Those of a classification, which alone have one class to show.
std::vector<metrics::Ranked> ranked(const std::vector<metrics::Prediction>& predictions) {
  std::vector<metrics::Ranked> list;
  for (const metrics::Prediction& prediction : predictions) {
    const auto* one = std::get_if<metrics::Ranked>(&prediction);
    if (one == nullptr) fail("entry {} of the predictions has no ranked classes to show", list.size() + 1);
    list.push_back(*one);
  }
  return list;
}

/// The surest mistakes outside `shown`.
std::vector<std::size_t> surest_mistakes(const std::vector<metrics::Ranked>& predictions,
                                         const std::vector<std::size_t>& shown, std::size_t count) {
  const std::set<std::size_t> taken(shown.begin(), shown.end());
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    if (predictions[i].wrong() && !taken.contains(i)) indices.push_back(i);
  }
  std::stable_sort(indices.begin(), indices.end(), [&](std::size_t a, std::size_t b) {
    return predictions[a].guesses.front().probability > predictions[b].guesses.front().probability;
  });
  indices.resize(std::min(indices.size(), count));
  return indices;
}

image::Image thumbnail(image::Image image) {
  const image::Size size{.height = image.height, .width = image.width};
  if (std::min(size.height, size.width) <= kThumbnail) return image;
  const image::Size small = image::shorter_side_to(size, kThumbnail);
  return image::resize(image, small.height, small.width, image::Filter::bilinear);
}

Gallery counted(const std::vector<metrics::Ranked>& predictions, const std::vector<std::string>& classes) {
  Gallery gallery;
  gallery.images = static_cast<std::int64_t>(predictions.size());
  gallery.wrong =
      std::count_if(predictions.begin(), predictions.end(), [](const metrics::Ranked& p) { return p.wrong(); });
  gallery.errors = count_errors(predictions, classes);
  return gallery;
}

}  // namespace

Gallery make_gallery(const std::vector<metrics::Prediction>& all, const std::vector<std::string>& sources,
                     std::size_t limit, const std::vector<std::string>& classes, bool upright) {
  const std::vector<metrics::Ranked> predictions = ranked(all);
  const std::vector<std::size_t> examples = spread(predictions.size(), limit);
  const std::vector<std::size_t> mistakes = surest_mistakes(predictions, examples, limit);
  std::set<std::string> wanted;
  for (const auto& indices : {examples, mistakes}) {
    for (const std::size_t i : indices) wanted.insert(predictions[i].image);
  }
  const std::map<std::string, FoundImage> images = find_images(std::move(wanted), sources, thumbnail, upright);
  const auto pictures = [&](const std::vector<std::size_t>& indices) {
    std::vector<Picture> list;
    for (const std::size_t i : indices) list.push_back({predictions[i], images.at(predictions[i].image).image});
    return list;
  };
  Gallery gallery = counted(predictions, classes);
  gallery.examples = pictures(examples);
  gallery.mistakes = pictures(mistakes);
  return gallery;
}

Gallery without_pictures(const std::vector<metrics::Prediction>& all, const std::string& note,
                         const std::vector<std::string>& classes) {
  Gallery gallery = counted(ranked(all), classes);
  gallery.note = note;
  return gallery;
}

std::string base64(std::span<const std::byte> bytes) {
  std::string text((bytes.size() + 2) / 3 * 4, '\0');
  // EVP_EncodeBlock also writes a final NUL, for which a string has room.
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), reinterpret_cast<const unsigned char*>(bytes.data()),
                  static_cast<int>(bytes.size()));
  return text;
}

std::string data_uri(const image::Image& image) {
  return "data:image/png;base64," + base64(image::encode_png(image));
}

}  // namespace springbok::study
