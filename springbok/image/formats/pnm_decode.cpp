// PBM, PGM, PPM (plain and raw, any largest value) and PFM to pixels.
#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>
#include <vector>

#include "springbok/base/error.h"
#include "springbok/image/codec.h"
#include "springbok/image/numbers.h"

namespace springbok::image {
namespace {

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

struct Header {
  char kind = 0;  ///< '1' to '6', or 'f'
  std::int64_t height = 0, width = 0;
  int most = 1;      ///< the value of white
  double scale = 0;  ///< of a PFM; below 0 its least bytes come first
  bool plain() const { return kind <= '3'; }
  bool bits() const { return kind == '1' || kind == '4'; }
  int channels() const { return kind == '3' || kind == '6' ? 3 : 1; }
};

class Reader {
 public:
  Reader(Bytes bytes, const std::string& name)
      : in_(bytes, "PNM", name), text_(reinterpret_cast<const char*>(bytes.data()), bytes.size()), name_(name) {}

  Header header() {
    Header out;
    out.kind = text_[1];
    if (text_.size() < 3 || !is_space(text_[2])) in_.fail_damaged("no kind that is known");
    in_.seek(3);
    out.width = number();
    out.height = number();
    check_size(out.height, out.width, out.bits() ? 8 * text_.size() : text_.size(), name_);
    if (out.kind == 'f') {
      out.scale = scale();
    } else if (!out.bits()) {
      constexpr int kMost = 65535;
      const std::int64_t most = number();
      if (most < 1 || most > kMost) in_.fail_damaged(format("a largest value of {}", most));
      out.most = static_cast<int>(most);
    }
    return out;
  }

  Image read() {
    const Header head = header();
    Image image(static_cast<int>(head.height), static_cast<int>(head.width), head.channels());
    if (head.kind == 'f') {
      floats(head, image);
    } else if (head.kind == '1') {
      plain_bits(image);
    } else if (head.plain()) {
      plain_numbers(head, image);
    } else if (head.kind == '4') {
      raw_bits(image);
    } else {
      raw_numbers(head, image);
    }
    return image;
  }

 private:
  std::string token() {
    constexpr std::size_t kLongest = 10;
    std::string out;
    while (out.size() <= kLongest && !in_.ended()) {
      const char c = static_cast<char>(in_.byte());
      if (is_space(c)) {
        if (!out.empty()) break;
      } else if (c == '#') {
        while (!in_.ended()) {
          const auto skipped = static_cast<char>(in_.byte());
          if (skipped == '\r' || skipped == '\n') break;
        }
      } else {
        out += c;
      }
    }
    if (out.empty()) in_.fail_truncated();
    if (out.size() > kLongest) in_.fail_damaged("a number of more than 10 digits");
    return out;
  }

  std::int64_t number() { return parsed(token()); }

  std::int64_t parsed(std::string_view digits) const {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size() || value < 0) in_.fail_damaged("no number");
    return value;
  }

  double scale() {
    const std::string digits = token();
    double value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size() || value == 0 || !std::isfinite(value)) {
      in_.fail_damaged("a scale that is no number");
    }
    return value;
  }

  /// As Pillow: scaled to 8 bits; grey of more than 8 bits to 16, of which then 255 is white.
  static std::uint8_t scaled(const Header& head, std::int64_t value) {
    const bool wide = head.most > 255 && head.channels() == 1;
    if (!wide && head.most == 255) return static_cast<std::uint8_t>(std::min<std::int64_t>(value, 255));
    const double white = wide ? 65535 : 255;
    return clipped(std::nearbyint(static_cast<double>(value) / head.most * white));
  }

  void raw_bits(Image& image) {
    for (int y = 0; y < image.height; ++y) {
      const Bytes row = in_.take((static_cast<std::size_t>(image.width) + 7) / 8);
      for (int x = 0; x < image.width; ++x) {
        const bool black = (std::to_integer<unsigned>(row[static_cast<std::size_t>(x) / 8]) >> (7 - x % 8) & 1) != 0;
        image.row(y)[x] = black ? 0 : 255;
      }
    }
  }

  void raw_numbers(const Header& head, Image& image) {
    const std::size_t size = head.most < 256 ? 1 : 2;
    const Bytes from = in_.take(image.pixels.size() * size);
    for (std::size_t i = 0; i < image.pixels.size(); ++i) {
      const int first = std::to_integer<int>(from[i * size]);
      image.pixels[i] = scaled(head, size == 1 ? first : first << 8 | std::to_integer<int>(from[i * size + 1]));
    }
  }

  /// Big or little ends, the lowest row first.
  void floats(const Header& head, Image& image) {
    for (int y = image.height - 1; y >= 0; --y) {
      for (int x = 0; x < image.width; ++x) {
        const std::uint32_t bits = in_.little(4);
        const std::uint32_t value = head.scale < 0 ? bits : __builtin_bswap32(bits);
        image.row(y)[x] = clipped(static_cast<double>(std::bit_cast<float>(value)));
      }
    }
  }

  /// What is left of the file without comments, which end with their line.
  std::string without_comments() const {
    std::string out;
    bool comment = false;
    for (const char c : text_.substr(std::min(in_.at(), text_.size()))) {
      if (comment) {
        comment = c != '\n' && c != '\r';
      } else if (c == '#') {
        comment = true;
      } else {
        out += c;
      }
    }
    return out;
  }

  void plain_bits(Image& image) const {
    std::size_t found = 0;
    for (const char c : without_comments()) {
      if (is_space(c)) continue;
      if (c != '0' && c != '1') in_.fail_damaged("a bit that is neither 0 nor 1");
      if (found < image.pixels.size()) image.pixels[found++] = c == '0' ? 255 : 0;
    }
    if (found < image.pixels.size()) in_.fail_truncated();
  }

  void plain_numbers(const Header& head, Image& image) const {
    const std::string rest = without_comments();
    std::size_t at = 0;
    for (std::uint8_t& pixel : image.pixels) {
      while (at < rest.size() && is_space(rest[at])) ++at;
      const std::size_t first = at;
      while (at < rest.size() && !is_space(rest[at])) ++at;
      if (first == at) in_.fail_truncated();
      const std::int64_t value = parsed(std::string_view(rest).substr(first, at - first));
      if (value > head.most) in_.fail_damaged(format("{} where {} is the most", value, head.most));
      pixel = scaled(head, value);
    }
  }

  Numbers in_;
  std::string_view text_;
  const std::string& name_;
};

}  // namespace

ImageInfo probe_pnm(Bytes bytes, const std::string& name) {
  const Header head = Reader(bytes, name).header();
  const int bits = head.bits() ? 1 : head.kind == 'f' ? 32 : head.most < 256 ? 8 : 16;
  return {Format::pnm, static_cast<int>(head.height), static_cast<int>(head.width), head.channels(), bits};
}

Image decode_pnm(Bytes bytes, const std::string& name) {
  return Reader(bytes, name).read();
}

}  // namespace springbok::image
