// Images that the tests make by a formula, as make_fixtures.py does, and the files that it wrote.
#include "samples.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <cstdint>
#include <span>

#include "springbok/base/file.h"

namespace springbok::image {
namespace {

std::uint8_t formula_at(std::uint32_t y, std::uint32_t x, std::uint32_t c) {
  std::uint32_t noise = (x * 73856093U) ^ (y * 19349663U) ^ (c * 83492791U);
  noise ^= noise >> 13;
  const std::uint32_t value = (x * 7 + y * 5 + c * 85 + ((x * y) >> 4) + ((noise >> 5) & 63)) & 255;
  if (c == 3 && value < 96) return 0;
  if (c == 3 && value > 176) return 255;
  return static_cast<std::uint8_t>(value);
}

}  // namespace

Image formula(int height, int width, int channels) {
  Image image(height, width, channels);
  std::uint8_t* to = image.pixels.data();
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < channels; ++c) *to++ = formula_at(y, x, c);
    }
  }
  return image;
}

void on_every_instruction_set(const std::function<void()>& check) {
  for (const auto target : hwy::SupportedAndGeneratedTargets()) {
    SCOPED_TRACE(hwy::TargetName(target));
    hwy::SetSupportedTargetsForTest(target);
    check();
  }
  hwy::SetSupportedTargetsForTest(0);
}

std::string digest(const Image& image) {
  return sha256(std::as_bytes(std::span(image.pixels))).substr(0, 16);
}

std::filesystem::path fixture(const std::string& name) {
  return std::filesystem::path(SPRINGBOK_SOURCE_DIR) / "tests/image" / name;
}

std::vector<std::byte> encoded_file(const std::string& name) {
  return read_file(fixture("files/" + name));
}

}  // namespace springbok::image
