// JPEG to pixels.
#include "springbok/base/error.h"
#include "springbok/image/codec.h"
#include "springbok/image/convert.h"
#include "springbok/image/jpeg_reader.h"

namespace springbok::image {

ImageInfo probe_jpeg(Bytes bytes, const std::string& name) {
  const JpegReader reader(bytes, name);
  return {Format::jpeg, reader.height(), reader.width(), reader.components(), reader.bits()};
}

Image decode_jpeg(Bytes bytes, int channels, const std::string& name) {
  JpegReader reader(bytes, name);
  Image image(reader.height(), reader.width(), reader.start(channels));
  reader.read_rows(image.pixels.data(), image.stride(), image.height);
  reader.finish();
  return image.channels == 4 ? rgb_from_inverted_cmyk(image) : image;
}

}  // namespace springbok::image
