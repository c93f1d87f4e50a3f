// Choosing predictions and finding their images.
#include "springbok/study/gallery.h"

#include <openssl/evp.h>

#include <algorithm>
#include <map>
#include <set>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/quote.h"
#include "springbok/data/source/source.h"
#include "springbok/image/decode.h"
#include "springbok/image/encode.h"
#include "springbok/image/resize.h"

namespace springbok::study {
namespace {

namespace fs = std::filesystem;
using Images = std::map<std::string, image::Image>;

/// `count` indices spread evenly over [0, size).
std::vector<std::size_t> spread(std::size_t size, std::size_t count) {
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < std::min(size, count); ++i) indices.push_back(i * size / std::min(size, count));
  return indices;
}

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

/// Loads those of the wanted images that the source has; they leave the set.
void load_from(const data::Source& source, std::set<std::string>& wanted, Images& images) {
  for (std::int64_t i = 0; i < source.size() && !wanted.empty(); ++i) {
    const std::string name = source.name(i);
    if (wanted.erase(name) != 0) images[name] = thumbnail(source.image(i, source.channels()));
  }
}

Images load(std::set<std::string> wanted, const std::vector<std::string>& sources) {
  Images images;
  std::error_code ignored;
  for (const std::string& name : std::set<std::string>(wanted)) {
    const std::string file = fs::is_regular_file(name, ignored) ? name : printed_bytes(name);
    if (!fs::is_regular_file(file, ignored)) continue;
    images[name] = thumbnail(image::decode(read_file(file), 3, name));
    wanted.erase(name);
  }
  for (const std::string& source : sources) {
    for (const data::Split& split : data::usual_splits()) {
      if (wanted.empty() || !data::has_split(source, split)) continue;
      load_from(*data::open_source(source, split), wanted, images);
    }
  }
  if (!wanted.empty()) {
    fail("predicted image '{}' is neither a file nor in {}; give its source with --data", *wanted.begin(),
         join(sources));
  }
  return images;
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
                     std::size_t limit, const std::vector<std::string>& classes) {
  const std::vector<metrics::Ranked> predictions = ranked(all);
  const std::vector<std::size_t> examples = spread(predictions.size(), limit);
  const std::vector<std::size_t> mistakes = surest_mistakes(predictions, examples, limit);
  std::set<std::string> wanted;
  for (const auto& indices : {examples, mistakes}) {
    for (const std::size_t i : indices) wanted.insert(predictions[i].image);
  }
  const Images images = load(std::move(wanted), sources);
  const auto pictures = [&](const std::vector<std::size_t>& indices) {
    std::vector<Picture> list;
    for (const std::size_t i : indices) list.push_back({predictions[i], images.at(predictions[i].image)});
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
