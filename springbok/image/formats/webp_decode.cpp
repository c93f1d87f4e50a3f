// WebP to pixels, through libwebp.
#include <webp/decode.h>
#include <webp/demux.h>

#include <algorithm>
#include <memory>

#include "springbok/base/error.h"
#include "springbok/image/codec.h"
#include "springbok/image/numbers.h"

namespace springbok::image {
namespace {

const std::uint8_t* data_of(Bytes bytes) {
  return reinterpret_cast<const std::uint8_t*>(bytes.data());
}

[[noreturn]] void fail_webp(VP8StatusCode status, Bytes bytes, const std::string& name) {
  const std::string size = with_commas(static_cast<std::int64_t>(bytes.size()));
  if (status == VP8_STATUS_NOT_ENOUGH_DATA || status == VP8_STATUS_SUSPENDED) {
    fail("{}: truncated WebP (after {} of {} bytes); replace or remove it", name, size, size);
  }
  fail("{}: damaged WebP; replace or remove it", name);
}

WebPBitstreamFeatures features_of(Bytes bytes, const std::string& name) {
  WebPBitstreamFeatures features;
  const VP8StatusCode status = WebPGetFeatures(data_of(bytes), bytes.size(), &features);
  if (status != VP8_STATUS_OK) fail_webp(status, bytes, name);
  check_size(features.height, features.width, bytes.size(), name);
  return features;
}

/// Pillow asks libwebp's demultiplexer first, which is stricter about what stands around the pixels.
void check_container(Bytes bytes, const std::string& name) {
  const WebPData data{data_of(bytes), bytes.size()};
  const std::unique_ptr<WebPDemuxer, decltype(&WebPDemuxDelete)> demuxer(WebPDemux(&data), WebPDemuxDelete);
  if (demuxer != nullptr) return;
  Numbers in(bytes, "WebP", name);
  in.seek(4);
  constexpr std::size_t kBefore = 8;
  const bool cut = in.little(4) > bytes.size() - kBefore;
  fail_webp(cut ? VP8_STATUS_NOT_ENOUGH_DATA : VP8_STATUS_BITSTREAM_ERROR, bytes, name);
}

/// The first image of an animation, on its canvas.
Image first_of_animation(Bytes bytes, const std::string& name) {
  const WebPData data{data_of(bytes), bytes.size()};
  WebPAnimDecoderOptions options;
  check(WebPAnimDecoderOptionsInit(&options) != 0, "libwebpdemux's version does not match its header");
  const std::unique_ptr<WebPAnimDecoder, decltype(&WebPAnimDecoderDelete)> decoder(WebPAnimDecoderNew(&data, &options),
                                                                                   WebPAnimDecoderDelete);
  WebPAnimInfo info;
  std::uint8_t* canvas = nullptr;
  int time = 0;
  if (decoder == nullptr || WebPAnimDecoderGetInfo(decoder.get(), &info) == 0 ||
      WebPAnimDecoderGetNext(decoder.get(), &canvas, &time) == 0) {
    fail_webp(VP8_STATUS_BITSTREAM_ERROR, bytes, name);
  }
  Image image(static_cast<int>(info.canvas_height), static_cast<int>(info.canvas_width), 4);
  std::copy_n(canvas, image.pixels.size(), image.pixels.data());
  return image;
}

}  // namespace

ImageInfo probe_webp(Bytes bytes, const std::string& name) {
  const WebPBitstreamFeatures features = features_of(bytes, name);
  return {Format::webp, features.height, features.width, features.has_alpha != 0 ? 4 : 3, 8};
}

Image decode_webp(Bytes bytes, const std::string& name) {
  WebPDecoderConfig config;
  check(WebPInitDecoderConfig(&config) != 0, "libwebp's version does not match its header");
  config.input = features_of(bytes, name);
  check_container(bytes, name);
  if (config.input.has_animation != 0) return first_of_animation(bytes, name);
  Image image(config.input.height, config.input.width, 3);
  config.output.colorspace = MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA.rgba = image.pixels.data();
  config.output.u.RGBA.stride = static_cast<int>(image.stride());
  config.output.u.RGBA.size = image.pixels.size();
  const VP8StatusCode status = WebPDecode(data_of(bytes), bytes.size(), &config);
  if (status != VP8_STATUS_OK) fail_webp(status, bytes, name);
  return image;
}

}  // namespace springbok::image
