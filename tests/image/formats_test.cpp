// Files of every kind of BMP, PNM, TIFF, GIF, 16-bit PNG and WebP against Pillow's pixels (make_formats.py).
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "samples.h"
#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/image/decode.h"
#include "springbok/image/geometry.h"

namespace springbok::image {
namespace {

using Bytes = std::vector<std::byte>;
using nlohmann::json;

Bytes from_base64(const std::string& text) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  Bytes bytes;
  unsigned value = 0, bits = 0;
  for (const char c : text) {
    if (c == '=') break;
    value = value << 6 | static_cast<unsigned>(kDigits.find(c));
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push_back(static_cast<std::byte>(value >> bits & 255));
  }
  return bytes;
}

json fixtures() {
  return json::parse(read_text(fixture("formats.json")));
}

TEST(Formats, AreReadOrRefusedAsByPillow) {
  const json all = fixtures();
  for (const json& row : all["rows"]) {
    const std::string name = row["name"];
    const Bytes bytes = from_base64(row["file"]);
    if (row["digest"].is_null()) {
      EXPECT_THROW(decode(bytes, 3, name), Error) << name;
      continue;
    }
    const Image image = decode(bytes, 3, name);
    EXPECT_EQ(digest(image), row["digest"].get<std::string>()) << all["made_by"] << " " << name;
    const ImageInfo info = probe(bytes, name);
    EXPECT_EQ((json{info.height, info.width}), row["size"]) << name;
    const Region region{1, 2, 5, 6};
    const Part part = decode_part(bytes, region, 3, name);
    EXPECT_EQ(crop(part.pixels, part.region), crop(image, region)) << name;
  }
  EXPECT_GT(all["rows"].size(), 200U);
}

/// Whatever is cut off or changed, a file is decoded or refused, and nothing else.
TEST(Formats, DamageIsAnErrorOrNone) {
  for (const json& row : fixtures()["rows"]) {
    const Bytes whole = from_base64(row["file"]);
    for (std::size_t at = 1; at < whole.size(); at += 1 + whole.size() / 23) {
      Bytes cut(whole.begin(), whole.begin() + static_cast<long>(at)), changed = whole;
      changed[at] ^= std::byte{0x5A};
      for (const Bytes& bytes : {cut, changed}) {
        try {
          decode(bytes, 3, "x");
        } catch (const Error&) {
        }
      }
    }
  }
}

}  // namespace
}  // namespace springbok::image
