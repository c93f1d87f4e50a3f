// JPEG to pixels.
#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "springbok/base/error.h"
#include "springbok/image/codec.h"
#include "springbok/image/convert.h"
#include "springbok/image/jpeg/crop.h"
#include "springbok/image/jpeg/reader.h"
#include "springbok/image/jpeg/splice.h"

namespace springbok::image {

ImageInfo probe_jpeg(Bytes bytes, const std::string& name) {
  const JpegReader reader(bytes, name);
  return {Format::jpeg, reader.height(), reader.width(), reader.components(), reader.bits()};
}

namespace {

struct Columns {
  int left;
  int width;
};

/// The region's columns and `margin` more to each side. libjpeg's upsampling reads past rows of fewer than three chroma
/// samples. So there are at least as many as two of its widest blocks have, or all of the image's.
Columns with_margin(const Region& region, int margin, int image_width) {
  constexpr int kLeast = 64;
  int left = std::max(region.left - margin, 0);
  const int right = std::min(std::max(region.left + region.width + margin, left + kLeast), image_width);
  left = std::max(std::min(left, right - kLeast), 0);
  return {left, right - left};
}

/// SPRINGBOK_JPEG=libjpeg in the environment: to compare with, and should the own decoder ever be in doubt.
bool only_libjpeg() {
  static const bool asked = [] {
    const char* value = std::getenv("SPRINGBOK_JPEG");
    if (value == nullptr || *value == '\0') return false;
    if (std::string_view(value) != "libjpeg") fail_usage("SPRINGBOK_JPEG is '{}'; known: libjpeg", value);
    return true;
  }();
  return asked;
}

/// The pixels of an image reduced by `factor` that hold the region.
Region reduced(const Region& region, int factor) {
  const int top = region.top / factor, left = region.left / factor;
  const int bottom = region.top + region.height + factor - 1, right = region.left + region.width + factor - 1;
  return {.top = top, .left = left, .height = bottom / factor - top, .width = right / factor - left};
}

/// The whole image, once the reader has started.
Image all_rows(JpegReader& reader, int stored, Image reused) {
  Image image = reshaped(std::move(reused), reader.reduced().height, reader.reduced().width, stored);
  reader.read_rows(image.pixels.data(), image.stride(), image.height);
  reader.finish();
  return stored == 4 ? rgb_from_inverted_cmyk(image) : image;
}

/// What Pillow makes of a JPEG that is refused for `reason`; where Pillow refuses it too, throws an Error that says
/// so.
Image decode_as_pillow(Bytes bytes, int factor, int channels, const std::string& name, const std::string& reason,
                       const OnDamage& damaged) {
  JpegReader reader(bytes, name, Damage::as_pillow);
  const int stored = reader.start(channels, factor);
  Image image = all_rows(reader, stored, {});
  damaged(reason);
  return image;
}

/// libjpeg's way: from the top, a row at a time.
Part decode_rows(Bytes bytes, const Region& wanted, int factor, int channels, const std::string& name, Image reused) {
  JpegReader reader(bytes, name);
  check_region(wanted, {reader.height(), reader.width()}, name);
  const Region region = reduced(wanted, factor);
  // Smooth upsampling reads one chroma sample to every side: without the pixels beside it the region's edge would
  // differ.
  const int margin = reader.subsampled() ? 1 : 0;
  const int top = std::max(region.top - margin, 0);
  const int stored = reader.start(channels, factor);
  if (reader.smooths() || (factor > 1 && reader.most_samples() > 2)) {
    return {all_rows(reader, stored, std::move(reused)), region};
  }
  Columns columns = with_margin(region, margin, reader.reduced().width);
  reader.crop_columns(columns.left, columns.width);
  reader.skip_rows(top);
  Part part{reshaped(std::move(reused), region.top + region.height - top, columns.width, stored), region};
  reader.read_rows(part.pixels.pixels.data(), part.pixels.stride(), part.pixels.height);
  reader.expect_end();
  part.region.top -= top;
  part.region.left -= columns.left;
  if (part.pixels.channels == 4) part.pixels = rgb_from_inverted_cmyk(part.pixels);
  return part;
}

/// By libjpeg: from the segments that the region needs, where there are some.
Part decode_spliced(Bytes bytes, const Region& region, int factor, int channels, const std::string& name, Image reused,
                    const JpegSegments& segments) {
  thread_local std::vector<std::byte> spliced;
  if (const std::optional<Region> within = splice_jpeg(bytes, segments, region, spliced, factor)) {
    return decode_rows(spliced, *within, factor, channels, name, std::move(reused));
  }
  return decode_rows(bytes, region, factor, channels, name, std::move(reused));
}

}  // namespace

Image decode_jpeg(Bytes bytes, int channels, const std::string& name, const OnDamage& damaged) {
  try {
    JpegReader reader(bytes, name);
    const int stored = reader.start(channels);
    return all_rows(reader, stored, {});
  } catch (const Error& error) {
    if (!damaged) throw;
    return decode_as_pillow(bytes, 1, channels, name, error.what(), damaged);
  }
}

Part decode_jpeg_part(Bytes bytes, const Region& region, int channels, const std::string& name, Image reused,
                      const JpegSegments& segments, const OnDamage& damaged) {
  if (channels == 3 && !only_libjpeg()) {
    if (std::optional<Image> pixels = decode_baseline_region(bytes, region, segments, reused)) {
      return {std::move(*pixels), {.top = 0, .left = 0, .height = region.height, .width = region.width}};
    }
  }
  try {
    return decode_spliced(bytes, region, 1, channels, name, std::move(reused), segments);
  } catch (const Error& error) {
    if (!damaged) throw;
    Image whole = decode_as_pillow(bytes, 1, channels, name, error.what(), damaged);
    check_region(region, {whole.height, whole.width}, name);
    return {std::move(whole), region};
  }
}

Part decode_jpeg_reduced(Bytes bytes, const Region& region, int factor, int channels, const std::string& name,
                         Image reused, const JpegSegments& segments, const OnDamage& damaged) {
  try {
    return decode_spliced(bytes, region, factor, channels, name, std::move(reused), segments);
  } catch (const Error& error) {
    if (!damaged) throw;
    const ImageInfo info = probe_jpeg(bytes, name);
    check_region(region, {info.height, info.width}, name);
    return {decode_as_pillow(bytes, factor, channels, name, error.what(), damaged), reduced(region, factor)};
  }
}

}  // namespace springbok::image
