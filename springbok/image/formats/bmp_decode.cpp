// BMP to pixels: headers of OS/2 and Windows, 1 to 32 bits, run lengths, bit fields.
#include <algorithm>
#include <array>
#include <vector>

#include "springbok/base/error.h"
#include "springbok/image/codec.h"
#include "springbok/image/numbers.h"

namespace springbok::image {
namespace {

enum Compression : std::uint32_t { kRaw = 0, kRle8 = 1, kRle4 = 2, kBitFields = 3 };

/// Where a channel lies in a pixel of 16 or 32 bits.
struct Field {
  int shift = 0, bits = 8;
};

struct Header {
  std::int64_t height = 0, width = 0;
  bool top_down = false;
  std::uint32_t bits = 0, compression = kRaw, colours = 0;
  std::array<Field, 3> fields{};      ///< for 16 bits and more
  std::vector<std::uint8_t> palette;  ///< red, green, blue of each colour
  std::size_t data_at = 0;
};

using Masks = std::array<std::uint32_t, 4>;

/// The layouts of bit fields that Pillow knows.
bool known_fields(std::uint32_t bits, const Masks& masks) {
  const auto is = [&](std::uint32_t red, std::uint32_t green, std::uint32_t blue) {
    return masks[0] == red && masks[1] == green && masks[2] == blue;
  };
  if (bits == 16) return is(0xF800, 0x7E0, 0x1F) || is(0x7C00, 0x3E0, 0x1F);
  if (bits == 24) return is(0xFF0000, 0xFF00, 0xFF);
  if (bits != 32) return false;
  const std::uint32_t alpha = masks[3];
  return (is(0xFF0000, 0xFF00, 0xFF) && (alpha == 0 || alpha == 0xFF000000)) ||
         (is(0xFF000000, 0xFF0000, 0xFF00) && (alpha == 0 || alpha == 0xFF)) ||
         (is(0xFF000000, 0xFF00, 0xFF) && (alpha == 0 || alpha == 0xFF0000)) ||
         (is(0xFF, 0xFF00, 0xFF0000) && alpha == 0xFF000000) || (is(0, 0, 0) && alpha == 0);
}

Field field_of(std::uint32_t mask) {
  Field field{.shift = 0, .bits = 0};
  while ((mask >> field.shift & 1) == 0) ++field.shift;
  while (field.shift + field.bits < 32 && (mask >> (field.shift + field.bits) & 1) != 0) ++field.bits;
  return field;
}

class Reader {
 public:
  Reader(Bytes bytes, const std::string& name) : in_(bytes, "BMP", name), bytes_(bytes.size()), name_(name) {}

  Header header() {
    in_.seek(10);
    Header out;
    out.data_at = in_.little(4);
    const std::uint32_t size = in_.little(4);
    const std::size_t end = in_.at() - 4 + size;
    const bool core = size == 12;
    if (core) {
      out.width = in_.little(2);
      out.height = in_.little(2);
      in_.take(2);
      out.bits = in_.little(2);
    } else if (size == 40 || size == 52 || size == 56 || size == 64 || size == 108 || size == 124) {
      sizes(out);
    } else {
      in_.fail_unfit(format("with a header of {} bytes", size));
    }
    const Masks masks = out.compression == kBitFields ? read_masks(size) : Masks{};
    in_.seek(std::max(end, in_.at()));
    check_size(out.height, out.width, bytes_, name_);
    if (out.colours == 0 && out.bits < 32) out.colours = std::uint32_t{1} << out.bits;
    check_kind(out, masks);
    read_palette(out, core ? 3 : 4, size);
    return out;
  }

  Image read() {
    const Header head = header();
    in_.seek(head.data_at);
    const bool runs = head.compression == kRle8 || head.compression == kRle4;
    const bool grey = head.bits <= 8 && grey_palette(head);
    Image image(static_cast<int>(head.height), static_cast<int>(head.width), grey ? 1 : 3);
    if (runs) {
      const std::vector<std::uint8_t> indices = run_lengths(head);
      for (int y = 0; y < image.height; ++y) {
        put_indices(head, indices.data() + static_cast<std::size_t>(y) * image.width, image.row(place(head, y)), grey);
      }
      return image;
    }
    const std::size_t stride = (static_cast<std::size_t>(head.width) * head.bits + 31) / 32 * 4;
    const std::size_t used = (static_cast<std::size_t>(head.width) * head.bits + 7) / 8;
    std::vector<std::uint8_t> indices(static_cast<std::size_t>(head.width));
    for (int y = 0; y < image.height; ++y) {
      const Bytes row = in_.take(y + 1 == image.height ? used : stride).first(used);
      std::uint8_t* const out = image.row(place(head, y));
      if (head.bits > 8) {
        put_colours(head, row, out);
      } else {
        // Of black and white Pillow expects one bit a pixel, whatever the header says.
        unpack(row, grey && head.palette.size() <= 6 ? 1 : head.bits, indices);
        put_indices(head, indices.data(), out, grey);
      }
    }
    return image;
  }

 private:
  void sizes(Header& out) {
    out.width = in_.little(4);
    const std::uint32_t height = in_.little(4);
    out.top_down = height >> 24 == 0xFF;
    out.height = out.top_down ? (std::int64_t{1} << 32) - height : height;
    in_.take(2);
    out.bits = in_.little(2);
    out.compression = in_.little(4);
    in_.take(12);
    out.colours = in_.little(4);
    in_.take(4);
  }

  Masks read_masks(std::uint32_t header_size) {
    Masks masks{};
    const bool alpha = header_size >= 56;
    for (std::size_t i = 0; i < (alpha ? 4U : 3U); ++i) masks[i] = in_.little(4);
    return masks;
  }

  void check_kind(Header& out, const Masks& masks) {
    const std::uint32_t bits = out.bits;
    if (bits != 1 && bits != 4 && bits != 8 && bits != 16 && bits != 24 && bits != 32) {
      in_.fail_unfit(format("with {} bits a pixel", bits));
    }
    if (out.compression > kBitFields) in_.fail_unfit(format("of compression {}", out.compression));
    if ((out.compression == kRle8 || out.compression == kRle4) && bits > 8) {
      in_.fail_damaged(format("run lengths of {} bits", bits));
    }
    out.fields = bits == 16 ? std::array<Field, 3>{Field{10, 5}, {5, 5}, {0, 5}}
                            : std::array<Field, 3>{Field{16, 8}, {8, 8}, {0, 8}};
    if (out.compression != kBitFields) return;
    if (!known_fields(bits, masks)) in_.fail_unfit("with unusual bit fields");
    if (masks == Masks{}) return;
    for (std::size_t i = 0; i < 3; ++i) out.fields[i] = field_of(masks[i]);
  }

  void read_palette(Header& out, std::size_t step, std::uint32_t header_size) {
    constexpr std::uint32_t kMostColours = 256;
    if (out.bits > 8) return;
    if (out.colours > kMostColours) in_.fail_damaged(format("a palette of {} colours", out.colours));
    if (out.data_at == 14 + header_size) out.data_at += step * out.colours;
    for (std::uint32_t i = 0; i < out.colours; ++i) {
      const Bytes colour = in_.take(step);
      for (const std::size_t c : {2, 1, 0}) out.palette.push_back(std::to_integer<std::uint8_t>(colour[c]));
    }
    if (out.data_at == 0) out.data_at = in_.at();
  }

  /// Two colours of black and white, or a ramp of steps of 1: then indices are the image.
  static bool grey_palette(const Header& head) {
    const std::size_t colours = head.palette.size() / 3;
    for (std::size_t i = 0; i < colours; ++i) {
      const std::uint8_t grey = colours == 2 && i == 1 ? 255 : static_cast<std::uint8_t>(i);
      for (std::size_t c = 0; c < 3; ++c) {
        if (head.palette[3 * i + c] != grey) return false;
      }
    }
    return true;
  }

  static int place(const Header& head, int y) { return head.top_down ? y : static_cast<int>(head.height) - 1 - y; }

  /// With `bits` of an index.
  static void unpack(Bytes row, std::uint32_t bits, std::vector<std::uint8_t>& indices) {
    const std::size_t per_byte = 8 / bits;
    for (std::size_t x = 0; x < indices.size(); ++x) {
      const auto shift = static_cast<int>((per_byte - 1 - x % per_byte) * bits);
      indices[x] =
          static_cast<std::uint8_t>(std::to_integer<unsigned>(row[x / per_byte]) >> shift & ((1U << bits) - 1));
    }
  }

  static void put_indices(const Header& head, const std::uint8_t* indices, std::uint8_t* out, bool grey) {
    const auto width = static_cast<std::size_t>(head.width);
    const std::size_t colours = head.palette.size() / 3;
    for (std::size_t x = 0; x < width; ++x) {
      const std::uint8_t index = indices[x];
      if (grey) {
        out[x] = colours > 2 ? index : index != 0 ? 255 : 0;
      } else {
        for (std::size_t c = 0; c < 3; ++c) out[3 * x + c] = index < colours ? head.palette[3U * index + c] : 0;
      }
    }
  }

  static void put_colours(const Header& head, Bytes row, std::uint8_t* out) {
    const std::size_t step = head.bits / 8;
    for (std::size_t at = 0; at + step <= row.size(); at += step) {
      std::uint32_t pixel = 0;
      for (std::size_t i = step; i-- > 0;) pixel = pixel << 8 | std::to_integer<std::uint32_t>(row[at + i]);
      for (const Field& field : head.fields) {
        const std::uint32_t most = (1U << field.bits) - 1;
        *out++ = static_cast<std::uint8_t>((pixel >> field.shift & most) * 255 / most);
      }
    }
  }

  /// The indices of all pixels in the order of the file. Rows that are left early are filled with 0.
  std::vector<std::uint8_t> run_lengths(const Header& head) {
    const auto width = static_cast<std::size_t>(head.width), all = width * static_cast<std::size_t>(head.height);
    std::vector<std::uint8_t> out;
    out.reserve(all);
    std::size_t x = 0;
    while (out.size() < all) {
      const unsigned count = in_.byte(), value = in_.byte();
      if (count > 0) {
        const std::size_t fits = std::min<std::size_t>(count, x < width ? width - x : 0);
        for (std::size_t i = 0; i < fits; ++i) out.push_back(run_value(head, value, i));
        x += fits;
      } else if (value == 0) {
        while (out.size() % width != 0) out.push_back(0);
        x = 0;
      } else if (value == 1) {
        break;
      } else if (value == 2) {
        const std::size_t right = in_.byte(), up = in_.byte();
        out.resize(out.size() + std::min(all - out.size(), right + up * width));
        x = out.size() % width;
      } else {
        copy_run(head, value, all, out);
        x += value;
      }
    }
    if (out.size() < all) in_.fail_truncated();
    out.resize(all);
    return out;
  }

  static std::uint8_t run_value(const Header& head, unsigned value, std::size_t i) {
    if (head.compression == kRle8) return static_cast<std::uint8_t>(value);
    return static_cast<std::uint8_t>(i % 2 == 0 ? value >> 4 : value & 15);
  }

  /// Pixels one by one, padded to an even place in the file.
  void copy_run(const Header& head, unsigned count, std::size_t all, std::vector<std::uint8_t>& out) {
    const std::size_t wanted = std::min<std::size_t>(all - out.size(), count);
    const bool packed = head.compression == kRle4;
    const Bytes from = in_.take(packed ? (wanted + 1) / 2 : wanted);
    for (std::size_t i = 0; i < wanted; ++i) {
      out.push_back(run_value(head, std::to_integer<unsigned>(from[packed ? i / 2 : i]), i));
    }
    if (in_.at() % 2 != 0 && !in_.ended()) in_.take(1);
  }

  Numbers in_;
  std::size_t bytes_;
  const std::string& name_;
};

}  // namespace

ImageInfo probe_bmp(Bytes bytes, const std::string& name) {
  const Header head = Reader(bytes, name).header();
  return {Format::bmp, static_cast<int>(head.height), static_cast<int>(head.width), 3, 8};
}

Image decode_bmp(Bytes bytes, const std::string& name) {
  return Reader(bytes, name).read();
}

}  // namespace springbok::image
