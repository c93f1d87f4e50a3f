// The first image of a TIFF to pixels, through libtiff: the kinds of samples that Pillow turns into RGB.
#include <tiffio.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include "springbok/base/error.h"
#include "springbok/image/codec.h"
#include "springbok/image/convert.h"
#include "springbok/image/geometry.h"
#include "springbok/image/numbers.h"

namespace springbok::image {
namespace {

/// The file in memory, and what libtiff said of it first.
struct Memory {
  Bytes bytes;
  std::size_t at = 0;
  std::string message;
};

tmsize_t read_some(thandle_t handle, void* to, tmsize_t count) {
  Memory& memory = *static_cast<Memory*>(handle);
  const std::size_t left = memory.bytes.size() - std::min(memory.at, memory.bytes.size());
  const std::size_t size = std::min(left, static_cast<std::size_t>(std::max<tmsize_t>(count, 0)));
  if (size > 0) std::memcpy(to, memory.bytes.data() + memory.at, size);
  memory.at += size;
  return static_cast<tmsize_t>(size);
}

toff_t seek_to(thandle_t handle, toff_t offset, int from) {
  Memory& memory = *static_cast<Memory*>(handle);
  const std::size_t base = from == SEEK_SET ? 0 : from == SEEK_CUR ? memory.at : memory.bytes.size();
  memory.at = base + static_cast<std::size_t>(offset);
  return memory.at;
}

int keep_message(TIFF*, void* user, const char*, const char* text, va_list values) {
  std::string& message = static_cast<Memory*>(user)->message;
  std::array<char, 200> line{};
  std::vsnprintf(line.data(), line.size(), text, values);
  if (message.empty()) message = line.data();
  return 1;
}

struct Close {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
};

std::unique_ptr<TIFF, Close> open(Memory& memory) {
  constexpr tmsize_t kMostMemory = tmsize_t{1} << 31;
  TIFFOpenOptions* const options = TIFFOpenOptionsAlloc();
  TIFFOpenOptionsSetMaxSingleMemAlloc(options, kMostMemory);
  TIFFOpenOptionsSetErrorHandlerExtR(options, keep_message, &memory);
  TIFFOpenOptionsSetWarningHandlerExtR(
      options, [](TIFF*, void*, const char*, const char*, va_list) { return 1; }, nullptr);
  // 'm': no map, which would let libtiff read what has no end.
  std::unique_ptr<TIFF, Close> tiff(TIFFClientOpenExt(
      "TIFF", "rm", &memory, read_some, [](thandle_t, void*, tmsize_t) -> tmsize_t { return 0; }, seek_to,
      [](thandle_t) { return 0; },
      [](thandle_t handle) -> toff_t { return static_cast<Memory*>(handle)->bytes.size(); }, nullptr, nullptr,
      options));
  TIFFOpenOptionsFree(options);
  return tiff;
}

/// What the tags say of the samples.
struct Layout {
  std::uint32_t height = 0, width = 0;
  std::uint16_t photometric = 0, bits = 1, samples = 1, format = SAMPLEFORMAT_UINT, planar = PLANARCONFIG_CONTIG;
  std::uint16_t compression = COMPRESSION_NONE, orientation = ORIENTATION_TOPLEFT;
  std::vector<std::uint16_t> extra;  ///< kinds of the samples beyond the colours
  bool little = true;                ///< the file's order of bytes; libtiff turns numbers into the machine's

  bool turned() const { return orientation >= ORIENTATION_LEFTTOP; }
  bool premultiplied() const {
    return photometric == PHOTOMETRIC_RGB && samples > 3 && !extra.empty() && extra[0] == EXTRASAMPLE_ASSOCALPHA;
  }
  bool by_libtiff() const { return photometric == PHOTOMETRIC_YCBCR && samples == 3; }
};

class Reader {
 public:
  Reader(Bytes bytes, const std::string& name) : name_(name), memory_{.bytes = bytes, .at = 0, .message = {}} {
    tiff_ = open(memory_);
    if (tiff_ == nullptr) fail_reading();
    read_layout();
    check_size(layout_.height, layout_.width, bytes.size(), name);
    check_kind();
  }

  ImageInfo info() const {
    const auto [height, width] = std::pair{static_cast<int>(layout_.height), static_cast<int>(layout_.width)};
    return {Format::tiff, layout_.turned() ? width : height, layout_.turned() ? height : width,
            std::min<int>(layout_.samples, 4), layout_.bits};
  }

  Image read() {
    Image image = layout_.by_libtiff() ? read_rgba() : read_samples();
    if (layout_.photometric == PHOTOMETRIC_SEPARATED) image = from_inks(image);
    if (layout_.premultiplied()) unweight(image);
    return upright(std::move(image));
  }

 private:
  void read_layout() {
    TIFF* const tiff = tiff_.get();
    TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &layout_.width);
    TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &layout_.height);
    TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &layout_.photometric);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &layout_.bits);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &layout_.samples);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &layout_.format);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &layout_.planar);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_COMPRESSION, &layout_.compression);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_ORIENTATION, &layout_.orientation);
    std::uint16_t count = 0, *kinds = nullptr;
    if (TIFFGetField(tiff, TIFFTAG_EXTRASAMPLES, &count, &kinds) == 1) layout_.extra.assign(kinds, kinds + count);
    layout_.little = TIFFIsBigEndian(tiff) == 0;
  }

  /// Samples of a pixel that make its colour.
  int colours() const {
    switch (layout_.photometric) {
      case PHOTOMETRIC_RGB:
      case PHOTOMETRIC_YCBCR:
        return 3;
      case PHOTOMETRIC_SEPARATED:
        return 4;
      default:
        return 1;
    }
  }

  bool grey() const {
    return layout_.photometric == PHOTOMETRIC_MINISBLACK || layout_.photometric == PHOTOMETRIC_MINISWHITE;
  }

  bool known_bits() const {
    const int bits = layout_.bits, format = layout_.format;
    if (layout_.photometric == PHOTOMETRIC_PALETTE) return format == SAMPLEFORMAT_UINT && bits <= 8;
    if (!grey()) return format == SAMPLEFORMAT_UINT && (bits == 8 || (bits == 16 && colours() > 1));
    const bool white = layout_.photometric == PHOTOMETRIC_MINISWHITE;
    if (format == SAMPLEFORMAT_IEEEFP) return bits == 32;
    if (format == SAMPLEFORMAT_INT) return !white && (bits == 8 || bits == 16 || bits == 32);
    if (bits == 32 || bits == 12) return !white && layout_.little;
    return bits <= 8 || (bits == 16 && (!white || layout_.little));
  }

  /// Alpha only stands first of the samples beyond the colours, and multiplied into the colours only of RGB.
  bool known_extra() const {
    const std::vector<std::uint16_t>& extra = layout_.extra;
    if (extra.empty()) return true;
    const bool single = layout_.photometric != PHOTOMETRIC_RGB;
    if (layout_.photometric == PHOTOMETRIC_MINISWHITE || (single && extra[0] == EXTRASAMPLE_ASSOCALPHA)) return false;
    return std::all_of(extra.begin() + 1, extra.end(),
                       [](std::uint16_t kind) { return kind == EXTRASAMPLE_UNSPECIFIED; });
  }

  void check_kind() const {
    const Numbers told(memory_.bytes, "TIFF", name_);
    if (layout_.photometric == PHOTOMETRIC_CIELAB) told.fail_unfit("of CIE Lab colours");
    if (TIFFIsCODECConfigured(layout_.compression) == 0 || layout_.compression == COMPRESSION_OJPEG) {
      told.fail_unfit(format("of compression {}", layout_.compression));
    }
    const bool colour = layout_.photometric == PHOTOMETRIC_RGB || layout_.photometric == PHOTOMETRIC_YCBCR ||
                        layout_.photometric == PHOTOMETRIC_SEPARATED || layout_.photometric == PHOTOMETRIC_PALETTE;
    if (!grey() && !colour)
      told.fail_unfit(format("of colours that the tag 'photometric' calls {}", layout_.photometric));
    const bool power = layout_.bits == 1 || layout_.bits == 2 || layout_.bits == 4 || layout_.bits % 4 == 0;
    const bool wrong_format = layout_.format > SAMPLEFORMAT_IEEEFP || layout_.format == 0;
    if (wrong_format || !power || layout_.bits == 24 || layout_.bits == 0 || !known_bits()) {
      told.fail_unfit(format("with samples of {} bits, kind {}", layout_.bits, layout_.format));
    }
    const int few = layout_.photometric == PHOTOMETRIC_YCBCR && layout_.samples == 1 ? 1 : colours();
    const int most = grey() || layout_.photometric == PHOTOMETRIC_PALETTE ? 2 : few + 3;
    if (layout_.samples < few || layout_.samples > most || (layout_.samples > few && few == 1 && layout_.bits != 8)) {
      told.fail_unfit(format("with {} samples a pixel", layout_.samples));
    }
    if (!known_extra()) told.fail_unfit("with an alpha channel of a kind that Pillow does not read");
    if (layout_.photometric == PHOTOMETRIC_YCBCR && layout_.compression == COMPRESSION_NONE) {
      told.fail_unfit("of YCbCr samples without compression");
    }
  }

  /// libtiff's own way to RGB, for chroma at another size than luma.
  Image read_rgba() {
    const auto height = static_cast<int>(layout_.height), width = static_cast<int>(layout_.width);
    if (layout_.compression == COMPRESSION_JPEG && layout_.planar == PLANARCONFIG_CONTIG) {
      TIFFSetField(tiff_.get(), TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
      layout_.photometric = PHOTOMETRIC_RGB;
      return read_samples();
    }
    std::vector<std::uint32_t> pixels(static_cast<std::size_t>(height) * static_cast<std::size_t>(width));
    memory_.message.clear();
    if (TIFFReadRGBAImageOriented(tiff_.get(), layout_.width, layout_.height, pixels.data(), ORIENTATION_TOPLEFT, 1) ==
        0) {
      fail_reading();
    }
    // libtiff has turned what it could, mirrored only; what it cannot is turned below.
    layout_.orientation = ORIENTATION_TOPLEFT;
    Image image(height, width, 3);
    for (std::size_t i = 0; i < pixels.size(); ++i) {
      image.pixels[3 * i] = static_cast<std::uint8_t>(TIFFGetR(pixels[i]));
      image.pixels[3 * i + 1] = static_cast<std::uint8_t>(TIFFGetG(pixels[i]));
      image.pixels[3 * i + 2] = static_cast<std::uint8_t>(TIFFGetB(pixels[i]));
    }
    return image;
  }

  /// A strip or tile at a time, each plane of its own.
  Image read_samples() {
    const bool tiled = TIFFIsTiled(tiff_.get()) != 0, apart = layout_.planar == PLANARCONFIG_SEPARATE;
    std::uint32_t height = layout_.height, width = layout_.width;
    if (tiled) {
      TIFFGetField(tiff_.get(), TIFFTAG_TILEWIDTH, &width);
      TIFFGetField(tiff_.get(), TIFFTAG_TILELENGTH, &height);
    } else {
      TIFFGetFieldDefaulted(tiff_.get(), TIFFTAG_ROWSPERSTRIP, &height);
      height = std::min(height, layout_.height);
    }
    const int stored = apart ? 1 : layout_.samples;
    const std::size_t row = (static_cast<std::size_t>(width) * stored * layout_.bits + 7) / 8;
    const tmsize_t size = tiled ? TIFFTileSize(tiff_.get()) : TIFFStripSize(tiff_.get());
    if (height == 0 || width == 0 || size <= 0 || static_cast<std::size_t>(size) > row * height) fail_reading();
    check_size(height, width, std::max<std::size_t>(memory_.bytes.size(), row), name_);
    Image image(static_cast<int>(layout_.height), static_cast<int>(layout_.width), channels());
    std::vector<std::byte> piece(row * height);
    for (int plane = 0; plane < (apart ? colours_stored() : 1); ++plane) {
      for (std::uint32_t top = 0; top < layout_.height; top += height) {
        for (std::uint32_t left = 0; left < layout_.width; left += width) {
          read_piece(tiled, left, top, plane, piece);
          const std::uint32_t rows = std::min(height, layout_.height - top),
                              columns = std::min(width, layout_.width - left);
          for (std::uint32_t y = 0; y < rows; ++y) {
            const Place place{static_cast<int>(top + y), static_cast<int>(left), static_cast<int>(columns), plane};
            put(Bytes(piece).subspan(y * row, row), stored, place, image);
          }
        }
      }
    }
    return image;
  }

  void read_piece(bool tiled, std::uint32_t left, std::uint32_t top, int plane, std::vector<std::byte>& piece) {
    TIFF* const tiff = tiff_.get();
    memory_.message.clear();
    const auto sample = static_cast<std::uint16_t>(plane);
    const tmsize_t read = tiled ? TIFFReadTile(tiff, piece.data(), left, top, 0, sample)
                                : TIFFReadEncodedStrip(tiff, TIFFComputeStrip(tiff, top, sample), piece.data(),
                                                       static_cast<tmsize_t>(piece.size()));
    if (read < 0) fail_reading();
  }

  /// As decoded: 1 grey, 3 RGB, 4 CMYK.
  int channels() const { return layout_.photometric == PHOTOMETRIC_PALETTE ? 3 : colours_stored(); }
  int colours_stored() const {
    if (layout_.premultiplied()) return 4;
    return layout_.samples == 1 ? 1 : colours();
  }

  struct Place {
    int y, left, count, plane;
  };

  void put(Bytes row, int stored, const Place& place, Image& image) const {
    std::uint8_t* out = image.row(place.y) + static_cast<std::size_t>(place.left) * image.channels + place.plane;
    const bool apart = layout_.planar == PLANARCONFIG_SEPARATE;
    const int wanted = apart ? 1 : std::min(colours_stored(), stored);
    for (int x = 0; x < place.count; ++x, out += image.channels) {
      const std::size_t first = static_cast<std::size_t>(x) * stored;
      if (layout_.photometric == PHOTOMETRIC_PALETTE) {
        put_colour(sample_bits(row, first), out);
        continue;
      }
      for (int c = 0; c < wanted; ++c) out[c] = sample(row, first + c);
    }
  }

  /// Colours that were multiplied by alpha; of those without any nothing is known.
  static void unweight(Image& image) {
    for (std::size_t i = 0; i < image.pixels.size(); i += 4) {
      std::uint8_t* const pixel = &image.pixels[i];
      const int alpha = pixel[3];
      for (int c = 0; c < 3; ++c) {
        pixel[c] = alpha == 0 ? std::uint8_t{0} : static_cast<std::uint8_t>(std::min(255 * pixel[c] / alpha, 255));
      }
    }
  }

  unsigned sample_bits(Bytes row, std::size_t i) const {
    const unsigned bits = layout_.bits;
    const std::size_t bit = i * bits;
    return std::to_integer<unsigned>(row[bit / 8]) >> (8 - bits - bit % 8) & ((1U << bits) - 1);
  }

  template <class T>
  static T number(Bytes row, std::size_t i) {
    T value;
    std::memcpy(&value, row.data() + i * sizeof(T), sizeof(T));
    return value;
  }

  std::uint8_t sample(Bytes row, std::size_t i) const {
    if (layout_.bits <= 8) {
      const unsigned most = (1U << layout_.bits) - 1, value = sample_bits(row, i) * 255 / most;
      return static_cast<std::uint8_t>(layout_.photometric == PHOTOMETRIC_MINISWHITE ? 255 - value : value);
    }
    if (layout_.bits == 12) return clipped(sample12(row, i));
    if (layout_.bits == 16) {
      if (layout_.format == SAMPLEFORMAT_INT) return clipped(number<std::int16_t>(row, i));
      const auto value = number<std::uint16_t>(row, i);
      return grey() ? clipped(value) : static_cast<std::uint8_t>(value >> 8);
    }
    if (layout_.format == SAMPLEFORMAT_IEEEFP) return clipped(static_cast<double>(number<float>(row, i)));
    return clipped(number<std::int32_t>(row, i));
  }

  static int sample12(Bytes row, std::size_t i) {
    const std::size_t at = i / 2 * 3 + i % 2;
    const int first = std::to_integer<int>(row[at]), second = std::to_integer<int>(row[at + 1]);
    return i % 2 == 0 ? first << 4 | second >> 4 : (first & 15) << 8 | second;
  }

  void put_colour(unsigned index, std::uint8_t* out) const {
    std::array<std::uint16_t*, 3> map{};
    if (TIFFGetField(tiff_.get(), TIFFTAG_COLORMAP, map.data(), &map[1], &map[2]) == 0) {
      Numbers(memory_.bytes, "TIFF", name_).fail_damaged("no palette");
    }
    for (std::size_t c = 0; c < 3; ++c) out[c] = static_cast<std::uint8_t>(map[c][index] >> 8);
  }

  static Image from_inks(Image inks) {
    for (std::uint8_t& ink : inks.pixels) ink = static_cast<std::uint8_t>(255 - ink);
    return rgb_from_inverted_cmyk(inks);
  }

  Image upright(Image image) const {
    switch (layout_.orientation) {
      case ORIENTATION_TOPRIGHT:
        return flip_horizontally(image);
      case ORIENTATION_BOTRIGHT:
        return flip_horizontally(flip_vertically(image));
      case ORIENTATION_BOTLEFT:
        return flip_vertically(image);
      case ORIENTATION_LEFTTOP:
        return transposed(image);
      case ORIENTATION_RIGHTTOP:
        return flip_horizontally(transposed(image));
      case ORIENTATION_RIGHTBOT:
        return flip_horizontally(flip_vertically(transposed(image)));
      case ORIENTATION_LEFTBOT:
        return flip_vertically(transposed(image));
      default:
        return image;
    }
  }

  static Image transposed(const Image& image) {
    Image out(image.width, image.height, image.channels);
    const auto channels = static_cast<std::size_t>(image.channels);
    for (int y = 0; y < image.height; ++y) {
      for (int x = 0; x < image.width; ++x) {
        std::copy_n(image.row(y) + static_cast<std::size_t>(x) * channels, channels,
                    out.row(x) + static_cast<std::size_t>(y) * channels);
      }
    }
    return out;
  }

  [[noreturn]] void fail_reading() const {
    const Numbers told(memory_.bytes, "TIFF", name_);
    if (memory_.message.find("Read error") != std::string::npos) told.fail_truncated();
    told.fail_damaged(memory_.message.empty() ? "unknown reason" : memory_.message);
  }

  const std::string& name_;
  Memory memory_;
  std::unique_ptr<TIFF, Close> tiff_;
  Layout layout_;
};

}  // namespace

ImageInfo probe_tiff(Bytes bytes, const std::string& name) {
  return Reader(bytes, name).info();
}

Image decode_tiff(Bytes bytes, const std::string& name) {
  return Reader(bytes, name).read();
}

}  // namespace springbok::image
