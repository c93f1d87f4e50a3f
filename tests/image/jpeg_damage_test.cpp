// Damaged JPEGs: refused, or read as Pillow reads them (make_damaged.py), whole and in part.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "samples.h"
#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/image/decode.h"
#include "springbok/image/encode.h"
#include "springbok/image/geometry.h"
#include "springbok/image/jpeg/pack.h"
#include "tests/support/message_of.h"

namespace springbok::image {
namespace {

using Bytes = std::vector<std::byte>;
using nlohmann::json;

Bytes damaged_file(const json& row) {
  const Bytes whole = encoded_file(row["file"]);
  Bytes bytes(whole.begin(), whole.begin() + row["keep"].get<long>());
  const std::string insert = row["insert"];
  for (int i = 0; i < row["times"].get<int>(); ++i) {
    for (std::size_t at = 0; at < insert.size(); at += 2) {
      bytes.push_back(static_cast<std::byte>(std::stoi(insert.substr(at, 2), nullptr, 16)));
    }
  }
  if (!row["resume"].is_null()) bytes.insert(bytes.end(), whole.begin() + row["resume"].get<long>(), whole.end());
  return bytes;
}

/// The pixels' digest, or nothing when they are refused; `reason` is what the listener heard.
std::optional<std::string> read_as_pillow(const Bytes& bytes, std::string& reason) {
  reason.clear();
  try {
    return digest(decode(bytes, 3, "x.jpg", [&](const std::string& text) { reason = text; }));
  } catch (const Error&) {
    return std::nullopt;
  }
}

TEST(DamagedJpeg, IsReadOrRefusedAsByPillow) {
  const json fixtures = json::parse(read_text(fixture("damaged.json")));
  int heard = 0;
  for (const json& row : fixtures["rows"]) {
    const Bytes bytes = damaged_file(row);
    std::string reason;
    const auto expected = row["digest"].is_null() ? std::nullopt : std::optional(row["digest"].get<std::string>());
    EXPECT_EQ(read_as_pillow(bytes, reason), expected) << row;
    // Who heard nothing would have read it without listening.
    const std::string refusal = testing::message_of<Error>([&] { decode(bytes, 3, "x.jpg"); });
    EXPECT_EQ(expected && reason.empty(), refusal == "(nothing thrown)") << row;
    heard += reason.empty() ? 0 : 1;
  }
  EXPECT_GT(fixtures["rows"].size(), 400U);
  EXPECT_GT(heard, 100);
}

TEST(DamagedJpeg, APartIsThatOfTheWhole) {
  const OnDamage listen = [](const std::string&) {};
  for (const char* file : {"420.jpg", "444.jpg", "grey.jpg", "cmyk.jpg", "restarts.jpg", "progressive.jpg"}) {
    Bytes bytes = encoded_file(file);
    bytes.resize(bytes.size() * 2 / 3);
    bytes.insert(bytes.end(), {std::byte{0xFF}, std::byte{0xD9}});
    const Image whole = decode(bytes, 3, file, listen);
    for (const Region& region :
         {Region{0, 0, 37, 53}, Region{20, 5, 17, 40}, Region{3, 9, 8, 8}, Region{30, 50, 7, 3}}) {
      const Part part = decode_part(bytes, region, 3, file, {}, {}, listen);
      EXPECT_EQ(crop(part.pixels, part.region), crop(whole, region)) << file;
    }
    const auto reduced = decode_reduced(bytes, {0, 0, 37, 53}, 2, 3, file, {}, {}, listen);
    ASSERT_TRUE(reduced) << file;
    EXPECT_EQ(reduced->pixels.height, 19) << file;
    EXPECT_THROW(decode_part(bytes, {0, 0, 37, 53}, 3, file), Error) << file;
  }
}

TEST(DamagedJpeg, IsPackedByteForByteOrNot) {
  Bytes bytes = encoded_file("420.jpg");
  bytes.resize(bytes.size() - 2);
  bytes.resize(bytes.size() + 100);
  EXPECT_THROW(pack_jpeg(bytes, "x.jpg"), Error);
  std::string reason;
  EXPECT_FALSE(pack_jpeg(bytes, "x.jpg", [&](const std::string& text) { reason = text; }));
  EXPECT_EQ(reason, "x.jpg: truncated JPEG (after 2,087 of 2,087 bytes); replace or remove it");
}

/// A progressive JPEG of so many scans in all: the last one, of one component's last coefficient, over and over.
Bytes with_scans(int scans) {
  Bytes bytes = encode_jpeg(formula(64, 64, 1), {.quality = 80, .progressive = true});
  std::vector<std::size_t> starts;
  for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
    if (bytes[i] == std::byte{0xFF} && bytes[i + 1] == std::byte{0xDA}) starts.push_back(i);
  }
  // Without its table a repeated scan keeps the one before it; an empty band of zeros is all it needs.
  const Bytes last(bytes.begin() + static_cast<long>(starts.back()), bytes.end() - 2);
  Bytes out(bytes.begin(), bytes.end() - 2);
  for (int i = static_cast<int>(starts.size()); i < scans; ++i) out.insert(out.end(), last.begin(), last.end());
  out.insert(out.end(), {std::byte{0xFF}, std::byte{0xD9}});
  return out;
}

TEST(ManyScans, AreRefusedBeyondALimit) {
  decode(with_scans(100), 3, "x.jpg");
  const std::string expected = "x.jpg: JPEG with more than 100 scans; save it again with fewer, or remove it";
  const Bytes many = with_scans(101);
  EXPECT_EQ(testing::message_of<Error>([&] { decode(many, 3, "x.jpg"); }), expected);
  EXPECT_EQ(testing::message_of<Error>([&] { decode_part(many, {0, 0, 8, 8}, 3, "x.jpg"); }), expected);
  EXPECT_EQ(testing::message_of<Error>([&] { pack_jpeg(many, "x.jpg"); }), expected);
}

}  // namespace
}  // namespace springbok::image
