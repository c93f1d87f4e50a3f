// Preprocess as JSON: round trip, digest, and what is wrong with a bad one.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "springbok/base/error.h"
#include "springbok/data/augment/transform.h"
#include "tests/support/message_of.h"

namespace springbok::data {
namespace {

using nlohmann::json;
using testing::message_of;

std::string error_with(const std::string& key, const json& value) {
  json object = json(to_json(Preprocess{}));
  object[key] = value;
  return message_of<Error>([&] { preprocess_from_json(object, "x.pt: preprocess"); });
}

TEST(Preprocess, RoundTrip) {
  const Preprocess grey{.size = 28,
                        .channels = 1,
                        .interpolation = image::Filter::bicubic,
                        .resampler = image::PassOrder::pillow13,
                        .crop_ratio = 1,
                        .mean = {0.286},
                        .std = {0.353}};
  const Preprocess turned{.exif = Exif::apply};
  for (const Preprocess& preprocess : {Preprocess{}, grey, turned}) {
    const json read = json::parse(to_json(preprocess).dump());
    EXPECT_EQ(preprocess_from_json(read, "x"), preprocess);
  }
}

TEST(Preprocess, DigestStaysWhatItIs) {
  EXPECT_EQ(to_json(Preprocess{}).dump(),
            R"({"size":224,"channels":3,"interpolation":"bilinear","resampler":"pillow12","crop_ratio":0.875,)"
            R"("mean":[0.485,0.456,0.406],"std":[0.229,0.224,0.225]})");
  EXPECT_EQ(digest(Preprocess{}), "7e98a3e8011de20b");
  EXPECT_NE(digest(Preprocess{.size = 225}), digest(Preprocess{}));
}

// Files from before the key `exif` keep their digest; with another rule than theirs it is another one.
TEST(Preprocess, TheRuleForExifIsPartOfTheDigestWhereItIsNotTheOldOne) {
  EXPECT_FALSE(to_json(Preprocess{}).contains("exif"));
  EXPECT_EQ(to_json(Preprocess{.exif = Exif::apply})["exif"], "apply");
  EXPECT_NE(digest(Preprocess{.exif = Exif::apply}), digest(Preprocess{}));
  EXPECT_EQ(differences(Preprocess{}, Preprocess{.exif = Exif::apply}),
            std::vector<std::string>{"exif \"ignore\" instead of \"apply\""});
  EXPECT_EQ(error_with("exif", "turn"), "x.pt: preprocess: exif: 'turn' is not one of ignore, apply");
}

// Numbers that a narrowing cast or a division would turn into something else.
TEST(Preprocess, EveryNumberIsCheckedWhereItIsRead) {
  const auto refuses = [](const char* key, const json& value, const std::string& rest) {
    EXPECT_EQ(error_with(key, value), format("x.pt: preprocess: {}: {}", key, rest));
  };
  refuses("size", 4294967312, "expects a whole number below 2^31, got 4294967312");
  refuses("size", 18446744073709551615U, "expects a whole number below 2^31, got 18446744073709551615");
  refuses("size", -9223372036854775807, "expects a whole number below 2^31, got -9223372036854775807");
  refuses("size", 16385, "must be between 1 and 16384, got 16385");
  refuses("channels", 4294967299, "expects a whole number below 2^31, got 4294967299");
  refuses("crop_ratio", 1e-9, "must be between 0.01 and 1, got 1e-09");
  refuses("crop_ratio", -0.5, "must be between 0.01 and 1, got -0.5");
  refuses("crop_ratio", std::nan(""), "must be between 0.01 and 1, got nan");
  refuses("std", {1, 1, 1e-300}, "must be between 1e-06 and 1000000, got 1e-300");
  refuses("std", {1, 1e300, 1}, "must be between 1e-06 and 1000000, got 1e+300");
  refuses("mean", {0, 0, 1e300}, "must be between -1000000 and 1000000, got 1e+300");
  refuses("mean", {0, std::nan(""), 0}, "must be between -1000000 and 1000000, got nan");
}

TEST(Preprocess, SaysWhatIsWrong) {
  json object = json(to_json(Preprocess{}));
  object.erase("mean");
  EXPECT_EQ(message_of<Error>([&] { preprocess_from_json(object, "x.pt"); }), "x.pt: key 'mean' is missing");
  EXPECT_EQ(message_of<Error>([&] { preprocess_from_json(json(3), "x.pt"); }), "x.pt: expects an object, got number");
  EXPECT_EQ(error_with("size", 2.5), "x.pt: preprocess: size: expects a whole number below 2^31, got 2.5");
  EXPECT_EQ(error_with("size", 0), "x.pt: preprocess: size: must be between 1 and 16384, got 0");
  EXPECT_EQ(error_with("channels", 4), "x.pt: preprocess: channels: must be 1 (grey) or 3 (RGB), got 4");
  EXPECT_EQ(error_with("crop_ratio", 0), "x.pt: preprocess: crop_ratio: must be between 0.01 and 1, got 0");
  EXPECT_EQ(error_with("mean", {0.5}), "x.pt: preprocess: mean: has 1 values for 3 channels");
  EXPECT_EQ(error_with("mean", {"a"}), "x.pt: preprocess: mean: expects a list of numbers, got [\"a\"]");
  EXPECT_EQ(error_with("std", {1, 0, 1}), "x.pt: preprocess: std: must be between 1e-06 and 1000000, got 0");
  EXPECT_EQ(error_with("interpolation", 1), "x.pt: preprocess: interpolation: expects a text, got 1");
  EXPECT_EQ(error_with("crop_ration", 1), "x.pt: preprocess: unknown key 'crop_ration' (did you mean 'crop_ratio'?)");
  const std::string filter = error_with("interpolation", "bilinar");
  EXPECT_NE(filter.find("bilinear"), std::string::npos) << filter;
}

TEST(Augment, ValuesThatCannotBe) {
  const auto message = [](const Augment& augment) {
    return message_of<UsageError>([&] { Transform(Preprocess{}, augment); });
  };
  EXPECT_EQ(message({.scale_min = 0.5, .scale_max = 0.4}),
            "augmentation: scale_min 0.5 and scale_max 0.4: must be 0 < min <= max");
  EXPECT_EQ(message({.ratio_min = 0}), "augmentation: ratio_min: must be between 0.01 and 100, got 0");
  EXPECT_EQ(message({.scale_max = 1.5}), "augmentation: scale_max: must be between 0.001 and 1, got 1.5");
  EXPECT_EQ(message({.pad = -1}), "augmentation: pad: must be between 0 and 1024, got -1");
  EXPECT_EQ(message({.flip = 1.1}), "augmentation: flip: must be between 0 and 1, got 1.1");
  EXPECT_EQ(message({.hue = 0.6}), "augmentation: hue: must be between 0 and 0.5, got 0.6");
}

}  // namespace
}  // namespace springbok::data
