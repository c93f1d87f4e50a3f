// The markers of a baseline JPEG (ITU T.81, annex B).
#include "springbok/image/jpeg/baseline.h"

#include <algorithm>

namespace springbok::image {

namespace {

// The second byte of each marker.
constexpr int kStart = 0xD8, kFrame = 0xC0, kFrameExtended = 0xC1, kHuffman = 0xC4, kQuantisation = 0xDB;
constexpr int kRestartInterval = 0xDD, kScan = 0xDA, kApp0 = 0xE0, kApp14 = 0xEE, kAppLast = 0xEF, kText = 0xFE;

/// Numbers off the front of a run of bytes; once they run out, `ok` is false and all numbers are 0.
class Cursor {
 public:
  explicit Cursor(std::span<const std::byte> bytes) : rest_(bytes) {}
  bool ok() const { return ok_; }
  bool empty() const { return rest_.empty(); }
  std::span<const std::byte> rest() const { return rest_; }
  int byte() { return take(1).empty() ? 0 : std::to_integer<int>(last_[0]); }
  int word() { return take(2).empty() ? 0 : std::to_integer<int>(last_[0]) * 256 + std::to_integer<int>(last_[1]); }
  std::span<const std::byte> take(std::size_t count) {
    ok_ = ok_ && rest_.size() >= count;
    last_ = ok_ ? rest_.first(count) : std::span<const std::byte>();
    if (ok_) rest_ = rest_.subspan(count);
    return last_;
  }

 private:
  std::span<const std::byte> rest_, last_;
  bool ok_ = true;
};

/// Reads the segments before the data into a header.
class Reader {
 public:
  explicit Reader(BaselineJpeg& jpeg) : jpeg_(jpeg) {}

  bool read(Cursor in) {
    if (in.byte() != 0xFF || in.byte() != kStart) return false;
    for (bool scan = false; !scan;) {
      if (in.byte() != 0xFF) return false;
      int marker = in.byte();
      while (marker == 0xFF) marker = in.byte();
      const int length = in.word();
      if (!in.ok() || length < 2) return false;
      const auto body = in.take(static_cast<std::size_t>(length - 2));
      scan = marker == kScan;
      if (!in.ok() || !segment(marker, Cursor(body))) return false;
    }
    jpeg_.data = in.rest();
    return true;
  }

 private:
  bool segment(int marker, Cursor in) {
    switch (marker) {
      case kQuantisation:
        return quantisation(in);
      case kHuffman:
        return huffman(in);
      case kFrame:
      case kFrameExtended:
        return frame(in);
      case kRestartInterval:
        jpeg_.restart_every = in.word();
        return in.ok();
      case kScan:
        return scan(in);
      case kApp14:
        return adobe(in);
      default:
        return (marker >= kApp0 && marker <= kAppLast) || marker == kText;
    }
  }

  bool quantisation(Cursor in) {
    while (!in.empty()) {
      const int which = in.byte();
      if (which > 3) return false;  // 16-bit steps, or no such table
      for (const std::uint8_t place : kZigzag) {
        steps_[static_cast<std::size_t>(which)][place] = static_cast<std::uint16_t>(in.byte());
      }
      has_steps_[static_cast<std::size_t>(which)] = in.ok();
    }
    return in.ok();
  }

  bool huffman(Cursor in) {
    while (!in.empty()) {
      const int which = in.byte();
      if ((which & 0xEF) > 3) return false;
      HuffmanCodes& codes = (which < 16 ? jpeg_.dc_codes : jpeg_.ac_codes)[static_cast<std::size_t>(which & 15)];
      codes = {};
      int total = 0;
      for (std::size_t length = 1; length <= 16; ++length) {
        codes.count[length] = static_cast<std::uint8_t>(in.byte());
        total += codes.count[length];
      }
      if (total > 256) return false;
      for (int i = 0; i < total; ++i) codes.symbols[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(in.byte());
      codes.given = in.ok();
    }
    return in.ok();
  }

  bool frame(Cursor in) {
    if (has_frame_ || in.byte() != 8) return false;
    jpeg_.height = in.word();
    jpeg_.width = in.word();
    if (in.byte() != 3 || jpeg_.height == 0 || jpeg_.width == 0) return false;
    for (std::size_t i = 0; i < 3; ++i) {
      BaselineComponent& component = jpeg_.components[i];
      component.id = static_cast<std::uint8_t>(in.byte());
      const int factors = in.byte();
      component.across = factors >> 4;
      component.down = factors & 15;
      tables_[i] = static_cast<std::size_t>(in.byte());
      if (tables_[i] > 3) return false;
    }
    const auto factors = [&](std::size_t i) {
      return std::array{jpeg_.components[i].across, jpeg_.components[i].down};
    };
    const auto luma = factors(0);
    constexpr std::array kOne{1, 1};
    has_frame_ = in.ok() && factors(1) == kOne && factors(2) == kOne &&
                 (luma == kOne || luma == std::array{2, 1} || luma == std::array{2, 2});
    return has_frame_;
  }

  /// Adobe's note says how colours are stored: only YCbCr is taken.
  bool adobe(Cursor in) {
    constexpr std::size_t kName = 5, kBeforeTransform = 6;
    constexpr int kYcc = 1;
    const auto name = in.take(kName);
    if (!in.ok() || !std::equal(name.begin(), name.end(), reinterpret_cast<const std::byte*>("Adobe"))) return true;
    in.take(kBeforeTransform);
    return in.byte() == kYcc && in.ok();
  }

  bool scan(Cursor in) {
    if (!has_frame_ || in.byte() != 3) return false;
    for (std::size_t i = 0; i < 3; ++i) {
      BaselineComponent& component = jpeg_.components[i];
      if (in.byte() != component.id) return false;
      const int which = in.byte();
      if ((which >> 4) > 3 || (which & 15) > 3 || !has_steps_[tables_[i]]) return false;
      component.dc = &jpeg_.dc_codes[static_cast<std::size_t>(which >> 4)];
      component.ac = &jpeg_.ac_codes[static_cast<std::size_t>(which & 15)];
      component.steps = steps_[tables_[i]];
      if (!component.dc->given || !component.ac->given) return false;
    }
    // Components named R, G, B are just that; those of a file without JFIF's or Adobe's note are YCbCr otherwise.
    if (jpeg_.components[0].id == 'R' && jpeg_.components[1].id == 'G' && jpeg_.components[2].id == 'B') return false;
    return in.byte() == 0 && in.byte() == 63 && in.byte() == 0 && in.ok();
  }

  BaselineJpeg& jpeg_;
  std::array<std::array<std::uint16_t, 64>, 4> steps_{};
  std::array<bool, 4> has_steps_{};
  std::array<std::size_t, 3> tables_{};
  bool has_frame_ = false;
};

}  // namespace

bool BaselineJpeg::read(std::span<const std::byte> bytes) {
  height = width = restart_every = 0;
  for (std::size_t i = 0; i < 4; ++i) dc_codes[i].given = ac_codes[i].given = false;
  return Reader(*this).read(Cursor(bytes));
}

}  // namespace springbok::image
