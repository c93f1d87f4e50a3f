// PNGs with their alpha: pixels equal Pillow's, whatever the PNG stores.
#include "springbok/image/with_alpha.h"

#include <gtest/gtest.h>

#include "springbok/base/error.h"
#include "tests/image/samples.h"
#include "tests/support/message_of.h"

namespace springbok::image {
namespace {

TEST(WithAlpha, EqualsPillow) {
  // Image.open(...).convert('RGBA') of Pillow 13.0.0, the first 16 hex digits of the pixels' SHA-256.
  const std::pair<const char*, const char*> files[] = {
      {"grey.png", "e9ff2b30e7fc2df9"},       {"grey_alpha.png", "b6993b213b2201e1"},
      {"interlaced.png", "b886c2963ca27e72"}, {"one_bit.png", "5c5428c3fbba224c"},
      {"palette.png", "584a6c2c3d202160"},    {"palette_4bit.png", "d353dd8a90059a4a"},
      {"rgb.png", "b886c2963ca27e72"},        {"palette_transparent.png", "9dbd8ac595f0556c"},
      {"rgba.png", "05587da03c5ff37d"},       {"transparent_colour.png", "b886c2963ca27e72"}};
  for (const auto& [name, expected] : files) {
    const Image rgba = decode_with_alpha(encoded_file(name), name);
    EXPECT_EQ(rgba.channels, 4) << name;
    EXPECT_EQ(digest(rgba), expected) << name;
  }
}

TEST(WithAlpha, RefusesWhatIsNoPng) {
  using springbok::testing::message_of;
  EXPECT_TRUE(message_of<Error>([] { decode_with_alpha(encoded_file("rgb.jpg"), "x.png"); }).starts_with("x.png: "));
  EXPECT_TRUE(message_of<Error>([] { decode_with_alpha({}, "x.png"); }).starts_with("x.png: "));
  std::vector<std::byte> cut = encoded_file("rgba.png");
  cut.resize(cut.size() / 2);
  EXPECT_TRUE(message_of<Error>([&] { decode_with_alpha(cut, "x.png"); }).starts_with("x.png: truncated PNG"));
}

}  // namespace
}  // namespace springbok::image
