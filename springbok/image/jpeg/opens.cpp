// Pillow's walk over a JPEG's markers, as far as it can end in a refusal.
#include "springbok/image/jpeg/opens.h"

#include <algorithm>
#include <string_view>

namespace springbok::image {
namespace {

// The second byte of each marker.
constexpr int kFirstFrame = 0xC0, kLastFrame = 0xCF, kHuffman = 0xC4, kReserved = 0xC8, kArithmetic = 0xCC;
constexpr int kFirstRestart = 0xD0, kEnd = 0xD9, kScan = 0xDA, kQuantisation = 0xDB, kHierarchy = 0xDE;
constexpr int kApp0 = 0xE0, kApp2 = 0xE2, kApp14 = 0xEE, kText = 0xFE, kFill = 0xFF;

class Walk {
 public:
  explicit Walk(std::span<const std::byte> bytes)
      : in_(reinterpret_cast<const char*>(bytes.data()), bytes.size()), at_(2) {}

  std::optional<OpenedJpeg> run() {
    while (at_ + 1 < in_.size()) {
      if (byte(at_) != kFill) {
        ++at_;  // junk between markers
        continue;
      }
      const int marker = byte(at_ + 1);
      if (marker == kFill) {
        ++at_;
        continue;
      }
      at_ += 2;
      if (marker == 0) continue;
      if (marker < kFirstFrame) return std::nullopt;
      const bool alone =
          marker == kReserved || (marker >= kFirstRestart && marker <= kEnd) || (marker > 0xEF && marker < kText);
      if (alone) continue;
      if (!segment(marker)) return std::nullopt;
      if (marker == kScan) return usable() ? std::optional(found_) : std::nullopt;
    }
    return std::nullopt;
  }

 private:
  int byte(std::size_t at) const { return static_cast<unsigned char>(in_[at]); }
  static int word(std::string_view body, std::size_t at) {
    return static_cast<unsigned char>(body[at]) << 8 | static_cast<unsigned char>(body[at + 1]);
  }
  bool usable() const { return found_.components > 0 && found_.size.height > 0 && found_.size.width > 0; }

  /// One segment, whose length stands next.
  bool segment(int marker) {
    if (at_ + 2 > in_.size()) return false;
    const auto length = static_cast<std::size_t>(std::max(byte(at_) << 8 | byte(at_ + 1), 2));
    if (length > in_.size() - at_) return false;
    const std::string_view body = in_.substr(at_ + 2, length - 2);
    at_ += length;
    if (marker >= kApp0 && marker <= 0xEF) return note(marker, body);
    if (marker == kQuantisation) return quantisation(body);
    const bool frame = marker <= kLastFrame && marker != kHuffman && marker != kArithmetic;
    return (!frame && marker != kHierarchy) || this->frame(body);
  }

  bool note(int marker, std::string_view body) {
    constexpr std::size_t kNameAndVersion = 7;
    if (marker == kApp0 && body.starts_with("JFIF")) return body.size() >= kNameAndVersion;
    if (marker == kApp14 && body.starts_with("Adobe")) return body.size() >= kNameAndVersion;
    constexpr std::string_view kProfile("ICC_PROFILE\0", 12);
    if (marker == kApp2 && body.starts_with(kProfile)) {
      first_profile_ = has_profile_ ? std::min(first_profile_, body) : body;
      has_profile_ = true;
    }
    return true;
  }

  static bool quantisation(std::string_view body) {
    while (!body.empty()) {
      const std::size_t size = static_cast<unsigned char>(body[0]) < 16 ? 1 + 64 : 1 + 2 * 64;
      if (body.size() < size) return false;
      body.remove_prefix(size);
    }
    return true;
  }

  bool frame(std::string_view body) {
    constexpr std::size_t kBeforeComponents = 6, kComponent = 3, kProfileHead = 14;
    if (body.size() < kBeforeComponents || (body.size() - kBeforeComponents) % kComponent != 0) return false;
    if (body[0] != 8 || (has_profile_ && first_profile_.size() < kProfileHead)) return false;
    has_profile_ = false;
    found_ = {.size = {word(body, 1), word(body, 3)}, .components = static_cast<unsigned char>(body[5])};
    return found_.components == 1 || found_.components == 3 || found_.components == 4;
  }

  std::string_view in_;
  std::size_t at_;
  OpenedJpeg found_;
  std::string_view first_profile_;  ///< of those before the frame, the one that sorts first
  bool has_profile_ = false;
};

}  // namespace

std::optional<OpenedJpeg> open_as_pillow(std::span<const std::byte> bytes) {
  return Walk(bytes).run();
}

}  // namespace springbok::image
