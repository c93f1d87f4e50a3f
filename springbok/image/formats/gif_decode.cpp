// The first image of a GIF to pixels, through giflib.
#include <gif_lib.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "springbok/base/error.h"
#include "springbok/image/codec.h"
#include "springbok/image/numbers.h"

namespace springbok::image {
namespace {

struct Unread {
  Bytes bytes;
};

struct Close {
  void operator()(GifFileType* gif) const { DGifCloseFile(gif, nullptr); }
};

int read_some(GifFileType* gif, GifByteType* to, int count) {
  Bytes& unread = static_cast<Unread*>(gif->UserData)->bytes;
  const std::size_t size = std::min(unread.size(), static_cast<std::size_t>(count));
  std::memcpy(to, unread.data(), size);
  unread = unread.subspan(size);
  return static_cast<int>(size);
}

class Reader {
 public:
  Reader(Bytes bytes, const std::string& name) : bytes_(bytes), name_(name), unread_{bytes} {
    int error = 0;
    gif_.reset(DGifOpen(&unread_, read_some, &error));
    if (gif_ == nullptr) fail_reading(error);
    to_first_image();
  }

  /// The screen, or more where the image lies beyond it.
  Size size() const {
    const GifImageDesc& image = gif_->Image;
    return {std::max(gif_->SHeight, image.Top + image.Height), std::max(gif_->SWidth, image.Left + image.Width)};
  }

  Image read() {
    const ColorMapObject* const colours = gif_->Image.ColorMap != nullptr ? gif_->Image.ColorMap : gif_->SColorMap;
    const Image indices = read_indices();
    if (colours == nullptr || is_ramp(*colours)) return indices;
    Image image(indices.height, indices.width, 3);
    for (std::size_t i = 0; i < indices.pixels.size(); ++i) {
      const int index = indices.pixels[i];
      if (index >= colours->ColorCount) continue;
      const GifColorType& colour = colours->Colors[index];
      image.pixels[3 * i] = colour.Red;
      image.pixels[3 * i + 1] = colour.Green;
      image.pixels[3 * i + 2] = colour.Blue;
    }
    return image;
  }

 private:
  void to_first_image() {
    GifRecordType record = UNDEFINED_RECORD_TYPE;
    while (record != IMAGE_DESC_RECORD_TYPE) {
      if (DGifGetRecordType(gif_.get(), &record) == GIF_ERROR) fail_reading(gif_->Error);
      if (record == TERMINATE_RECORD_TYPE) fail("{}: damaged GIF (no image in it); replace or remove it", name_);
      if (record == EXTENSION_RECORD_TYPE) pass_extension();
    }
    if (DGifGetImageDesc(gif_.get()) == GIF_ERROR) fail_reading(gif_->Error);
    check_size(size().height, size().width, bytes_.size(), name_);
  }

  /// Of all extensions only one counts: the index that stands for nothing, and fills what the image leaves free.
  void pass_extension() {
    int code = 0;
    GifByteType* data = nullptr;
    if (DGifGetExtension(gif_.get(), &code, &data) == GIF_ERROR) fail_reading(gif_->Error);
    GraphicsControlBlock control{};
    if (code == GRAPHICS_EXT_FUNC_CODE && data != nullptr &&
        DGifExtensionToGCB(data[0], data + 1, &control) == GIF_OK && control.TransparentColor != NO_TRANSPARENT_COLOR) {
      filling_ = static_cast<std::uint8_t>(control.TransparentColor);
    }
    while (data != nullptr) {
      if (DGifGetExtensionNext(gif_.get(), &data) == GIF_ERROR) fail_reading(gif_->Error);
    }
  }

  Image read_indices() {
    const GifImageDesc& part = gif_->Image;
    Image image(size().height, size().width, 1);
    std::fill(image.pixels.begin(), image.pixels.end(), filling_);
    const auto row = [&](int y) {
      if (DGifGetLine(gif_.get(), image.row(part.Top + y) + part.Left, part.Width) == GIF_ERROR) {
        fail_reading(gif_->Error);
      }
    };
    if (!part.Interlace) {
      for (int y = 0; y < part.Height; ++y) row(y);
      return image;
    }
    for (const auto& [first, step] : {std::pair{0, 8}, {4, 8}, {2, 4}, {1, 2}}) {
      for (int y = first; y < part.Height; y += step) row(y);
    }
    return image;
  }

  static bool is_ramp(const ColorMapObject& colours) {
    for (int i = 0; i < colours.ColorCount; ++i) {
      const GifColorType& colour = colours.Colors[i];
      if (colour.Red != i || colour.Green != i || colour.Blue != i) return false;
    }
    return true;
  }

  [[noreturn]] void fail_reading(int error) const {
    const Numbers told(bytes_, "GIF", name_);
    if (unread_.bytes.empty() || error == D_GIF_ERR_READ_FAILED || error == D_GIF_ERR_EOF_TOO_SOON) {
      told.fail_truncated();
    }
    const char* const reason = GifErrorString(error);
    told.fail_damaged(reason == nullptr ? "unknown reason" : reason);
  }

  Bytes bytes_;
  const std::string& name_;
  Unread unread_;
  std::unique_ptr<GifFileType, Close> gif_;
  std::uint8_t filling_ = 0;
};

}  // namespace

ImageInfo probe_gif(Bytes bytes, const std::string& name) {
  const Size size = Reader(bytes, name).size();
  return {Format::gif, size.height, size.width, 3, 8};
}

Image decode_gif(Bytes bytes, const std::string& name) {
  return Reader(bytes, name).read();
}

}  // namespace springbok::image
