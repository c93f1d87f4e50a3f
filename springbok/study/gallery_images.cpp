// Finding images by name.
#include "springbok/study/gallery_images.h"

#include <algorithm>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/quote.h"
#include "springbok/data/source/source.h"
#include "springbok/image/decode.h"
#include "springbok/image/encode.h"
#include "springbok/image/exif.h"
#include "springbok/image/upright.h"
#include "springbok/study/gallery.h"

namespace springbok::study {
namespace {

namespace fs = std::filesystem;

using Found = std::map<std::string, FoundImage>;

image::Image load(const data::Source& source, std::int64_t index, bool upright) {
  const auto encoded = upright ? source.encoded(index, source.channels()) : std::nullopt;
  if (!encoded) return source.image(index, source.channels());
  return image::turned(encoded->whole(), image::exif_orientation(encoded->bytes()));
}

image::Image load(const std::string& file, const std::string& name, bool upright) {
  const std::vector<std::byte> bytes = read_file(file);
  return image::turned(image::decode(bytes, 3, name), upright ? image::exif_orientation(bytes) : 1);
}

/// Loads those of the wanted images that the source has; they leave the set.
void load_from(const data::Source& source, Shrink shrink, bool upright, std::set<std::string>& wanted, Found& found) {
  for (std::int64_t i = 0; i < source.size() && !wanted.empty(); ++i) {
    const std::string name = source.name(i);
    if (wanted.erase(name) == 0) continue;
    FoundImage one{.image = shrink(load(source, i, upright))};
    if (source.target_kind() == data::TargetKind::masks) {
      one.truth = source.mask(i);
      one.classes = source.classes();
    }
    found[name] = std::move(one);
  }
}

}  // namespace

Found find_images(std::set<std::string> wanted, const std::vector<std::string>& sources, Shrink shrink, bool upright) {
  Found found;
  std::error_code ignored;
  for (const std::string& name : std::set<std::string>(wanted)) {
    const std::string file = fs::is_regular_file(name, ignored) ? name : printed_bytes(name);
    if (!fs::is_regular_file(file, ignored)) continue;
    found[name] = {.image = shrink(load(file, name, upright))};
    wanted.erase(name);
  }
  for (const std::string& source : sources) {
    for (const data::Split& split : data::usual_splits()) {
      if (wanted.empty() || !data::has_split(source, split)) continue;
      load_from(*data::open_source(source, split), shrink, upright, wanted, found);
    }
  }
  if (!wanted.empty()) {
    fail("predicted image '{}' is neither a file nor in {}; give its source with --data", *wanted.begin(),
         join(sources));
  }
  return found;
}

std::vector<std::size_t> spread(std::size_t size, std::size_t count) {
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < std::min(size, count); ++i) indices.push_back(i * size / std::min(size, count));
  return indices;
}

std::string spread_note(std::size_t shown, std::int64_t images) {
  return format("{} of {} images, spread evenly.", shown, with_commas(images));
}

std::string jpeg_uri(const image::Image& image) {
  constexpr int kQuality = 85;
  return "data:image/jpeg;base64," + base64(image::encode_jpeg(image, {.quality = kQuality}));
}

}  // namespace springbok::study
