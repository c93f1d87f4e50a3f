// Images turned as EXIF asks for: Pillow's exif_transpose, whole and in parts, and files that lie.
#include "springbok/image/exif.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <span>

#include "samples.h"
#include "springbok/base/file.h"
#include "springbok/base/rng.h"
#include "springbok/image/geometry.h"
#include "springbok/image/upright.h"

namespace springbok::image {
namespace {

/// tests/image/exif/NAME.
std::vector<std::byte> bytes_of(const std::string& name) {
  return read_file(fixture(name));
}

Upright upright_of(const Encoded& encoded) {
  return {encoded, exif_orientation(encoded.bytes())};
}

// exif.json: made by make_exif.py.
TEST(Exif, TurnsAsPillowsExifTranspose) {
  const auto rows = nlohmann::json::parse(read_text(fixture("exif.json")));
  EXPECT_EQ(rows.size(), 42U);
  for (const auto& row : rows) {
    const std::string name = row["file"];
    const Encoded encoded(bytes_of(name), 3, name);
    const Upright upright = upright_of(encoded);
    EXPECT_EQ(upright.size(), (Size{row["size"][0], row["size"][1]})) << name;
    EXPECT_EQ(digest(upright.whole()), row["digest"].get<std::string>()) << name;
  }
}

TEST(Exif, APartIsThatOfTheWhole) {
  Rng rng(1, {});
  const auto below = [&](int bound) { return static_cast<int>(rng.below(static_cast<std::uint64_t>(bound))); };
  for (int orientation = 1; orientation <= 8; ++orientation) {
    for (const char* ending : {".jpg", ".png", ".webp"}) {
      const std::string name = "exif/" + std::to_string(orientation) + ending;
      const Encoded encoded(bytes_of(name), 3, name);
      const Upright upright = upright_of(encoded);
      const Image whole = upright.whole();
      for (int i = 0; i < 30; ++i) {
        const int top = below(whole.height), left = below(whole.width);
        const Region region{top, left, 1 + below(whole.height - top), 1 + below(whole.width - left)};
        const Part part = upright.part(region, {});
        ASSERT_EQ(crop(part.pixels, part.region), crop(whole, region)) << name << " " << i;
      }
    }
  }
}

TEST(Exif, RegionsTurnThereAndBack) {
  const Size size{5, 7};
  const Region region{1, 2, 3, 4};
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const Region there = turned(region, size, orientation);
    EXPECT_TRUE(inside(there, turned(size, orientation)));
    EXPECT_EQ(turned_back(there, turned(size, orientation), orientation), region) << orientation;
    const Image image = formula(size.height, size.width, 3);
    EXPECT_EQ(crop(turned(image, orientation), there), turned(crop(image, region), orientation)) << orientation;
  }
}

// The reduced picture of a turned photograph stands where the upright one's stands.
TEST(Exif, AReducedPartIsTurnedToo) {
  const Encoded stored(bytes_of("exif/1.jpg"), 3, "1.jpg"), other(bytes_of("exif/6.jpg"), 3, "6.jpg");
  const Region region{4, 2, 24, 16};
  const auto reduced = upright_of(other).reduced(region, 2, {});
  ASSERT_TRUE(reduced);
  const auto plain = upright_of(stored).reduced(turned_back(region, upright_of(other).size(), 6), 2, {});
  EXPECT_EQ(reduced->pixels, turned(plain->pixels, 6));
  EXPECT_EQ(reduced->box.right - reduced->box.left, 8);
  EXPECT_EQ(reduced->box.bottom - reduced->box.top, 12);
  EXPECT_EQ(reduced->box.top, plain->box.left);
}

TEST(Exif, NothingThatIsCutOrChangedThrows) {
  for (const char* name : {"exif/big_endian.jpg", "exif/6.png", "exif/6.webp", "exif/xmp.jpg", "exif/xmp.webp"}) {
    std::vector<std::byte> bytes = bytes_of(name);
    const std::size_t most = std::min<std::size_t>(bytes.size(), 400);
    for (std::size_t size = 0; size < most; ++size) {
      const std::vector<std::byte> cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
      EXPECT_GE(exif_orientation(cut), 1);
    }
    for (std::size_t at = 0; at < most; ++at) {
      std::vector<std::byte> changed = bytes;
      changed[at] = ~changed[at];
      EXPECT_GE(exif_orientation(changed), 1);
    }
  }
}

}  // namespace
}  // namespace springbok::image
