// PNG to pixels, through libpng; its longjmp crosses nothing of ours.
#include <png.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "springbok/base/error.h"
#include "springbok/image/codec.h"
#include "springbok/image/palette.h"
#include "springbok/image/with_alpha.h"

namespace springbok::image {
namespace {

/// Reads one PNG: header (in the constructor), then all rows.
class PngReader {
 public:
  PngReader(Bytes bytes, const std::string& name) : bytes_(bytes), name_(name) {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, on_error, [](png_structp, png_const_charp) {});
    info_ = png_ != nullptr ? png_create_info_struct(png_) : nullptr;
    try {
      if (info_ == nullptr) fail("{}: no memory to read the PNG", name);
      run([](PngReader& reader) {
        png_set_read_fn(reader.png_, &reader, on_read);
        png_set_user_limits(reader.png_, 0x7FFFFFFF, 0x7FFFFFFF);
        png_read_info(reader.png_, reader.info_);
      });
      check_size(png_get_image_height(png_, info_), png_get_image_width(png_, info_), bytes.size(), name);
    } catch (...) {
      png_destroy_read_struct(&png_, &info_, nullptr);
      throw;
    }
  }
  ~PngReader() { png_destroy_read_struct(&png_, &info_, nullptr); }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  ImageInfo info() const {
    const int colour = png_get_color_type(png_, info_);
    const int channels = colour == PNG_COLOR_TYPE_PALETTE ? 3 : png_get_channels(png_, info_);
    return {Format::png, static_cast<int>(png_get_image_height(png_, info_)),
            static_cast<int>(png_get_image_width(png_, info_)), channels, png_get_bit_depth(png_, info_)};
  }

  /// The numbers that are stored, of a palette or of grey.
  Image read_indices() {
    const int colour = png_get_color_type(png_, info_);
    const bool indexed = colour == PNG_COLOR_TYPE_PALETTE || colour == PNG_COLOR_TYPE_GRAY;
    if (!indexed || png_get_bit_depth(png_, info_) > 8) {
      fail("{}: a mask is a PNG with a palette, or grey with 8 bits or fewer; this one has {} channels of {} bits",
           name_, png_get_channels(png_, info_), png_get_bit_depth(png_, info_));
    }
    run([](PngReader& reader) {
      png_set_packing(reader.png_);
      png_set_interlace_handling(reader.png_);
      png_read_update_info(reader.png_, reader.info_);
    });
    return read_rows(1);
  }

  /// The colours, of a PNG that has a palette.
  Palette palette() const {
    png_colorp colours = nullptr;
    int count = 0;
    Palette palette;
    if (png_get_PLTE(png_, info_, &colours, &count) == 0) return palette;
    for (int i = 0; i < count; ++i) palette.push_back({colours[i].red, colours[i].green, colours[i].blue});
    return palette;
  }

  /// Red, green, blue and alpha, whatever is stored.
  Image read_with_alpha() {
    constexpr png_uint_32 kOpaque = 0xFF;
    run([](PngReader& reader) {
      png_set_expand(reader.png_);  // palettes, grey of few bits, and what one colour says of transparency
      png_set_strip_16(reader.png_);
      png_set_gray_to_rgb(reader.png_);
      png_set_add_alpha(reader.png_, kOpaque, PNG_FILLER_AFTER);
      png_set_interlace_handling(reader.png_);
      png_read_update_info(reader.png_, reader.info_);
    });
    return read_rows(4);
  }

  Image read() {
    run([](PngReader& reader) {
      if (png_get_color_type(reader.png_, reader.info_) == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(reader.png_);
      const int bits = png_get_bit_depth(reader.png_, reader.info_);
      if (bits < 8) png_set_expand_gray_1_2_4_to_8(reader.png_);
      // Pillow takes the upper byte of colours, and lets grey of 256 and more be white.
      if (bits == 16 && png_get_color_type(reader.png_, reader.info_) != PNG_COLOR_TYPE_GRAY) {
        png_set_strip_16(reader.png_);
      }
      png_set_interlace_handling(reader.png_);
      png_read_update_info(reader.png_, reader.info_);
    });
    const bool wide = info().bits == 16;
    const Image image = read_rows(png_get_channels(png_, info_) * (wide ? 2 : 1));
    return wide ? clipped_to_8(image) : image;
  }

 private:
  /// All rows, after the transformations are set.
  Image read_rows(int channels) {
    const ImageInfo stored = info();
    Image image(stored.height, stored.width, channels);
    rows_.resize(image.height);
    for (int y = 0; y < image.height; ++y) rows_[y] = image.row(y);
    run([](PngReader& reader) {
      png_read_image(reader.png_, reader.rows_.data());
      png_read_end(reader.png_, nullptr);
    });
    return image;
  }

  /// Of pixels of two bytes, the upper one first.
  static Image clipped_to_8(const Image& wide) {
    Image image(wide.height, wide.width, 1);
    for (std::size_t i = 0; i < image.pixels.size(); ++i) {
      image.pixels[i] = wide.pixels[2 * i] != 0 ? 255 : wide.pixels[2 * i + 1];
    }
    return image;
  }

  /// Calls `step`, which must own nothing that needs destroying; throws Error when libpng jumps out of it.
  void run(void (*step)(PngReader&)) {
    if (setjmp(png_jmpbuf(png_)) == 0) {
      step(*this);
    } else if (truncated_) {
      const std::string size = with_commas(static_cast<std::int64_t>(bytes_.size()));
      fail("{}: truncated PNG (after {} of {} bytes); replace or remove it", name_, size, size);
    } else {
      fail("{}: damaged PNG ({}); replace or remove it", name_, text_);
    }
  }

  static void on_error(png_structp png, png_const_charp message) {
    auto& reader = *static_cast<PngReader*>(png_get_error_ptr(png));
    std::strncpy(reader.text_, message, sizeof(reader.text_) - 1);
    png_longjmp(png, 1);
  }

  static void on_read(png_structp png, png_bytep to, std::size_t count) {
    auto& reader = *static_cast<PngReader*>(png_get_io_ptr(png));
    if (count > reader.bytes_.size() - reader.at_) {
      reader.truncated_ = true;
      png_error(png, "out of data");
    }
    std::memcpy(to, reader.bytes_.data() + reader.at_, count);
    reader.at_ += count;
  }

  Bytes bytes_;
  const std::string& name_;
  std::size_t at_ = 0;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  std::vector<png_bytep> rows_;
  bool truncated_ = false;
  char text_[128] = {};
};

}  // namespace

ImageInfo probe_png(Bytes bytes, const std::string& name) {
  return PngReader(bytes, name).info();
}

Image decode_png(Bytes bytes, const std::string& name) {
  return PngReader(bytes, name).read();
}

Image decode_with_alpha(Bytes bytes, const std::string& name) {
  return PngReader(bytes, name).read_with_alpha();
}

Indexed decode_indices(std::span<const std::byte> bytes, const std::string& name) {
  PngReader reader(bytes, name);
  Indexed indexed{.indices = reader.read_indices()};
  indexed.palette = reader.palette();
  return indexed;
}

}  // namespace springbok::image
