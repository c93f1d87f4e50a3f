// JSON by the strict rule, and texts that no JSON may hold.
#include "springbok/base/json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace springbok {
namespace {

using namespace std::string_view_literals;
using Json = nlohmann::ordered_json;

TEST(Json, IsReadOnlyAsOneWholeValue) {
  EXPECT_EQ(parse_json(R"({"a": [1, "]}"]} )"), (Json{{"a", {1, "]}"}}}));
  for (const std::string_view text : {"{}\0junk"sv, "{} {}"sv, "{"sv, ""sv, "\0"sv, "{\"a\": 1,}"sv, "{\"a\0\": 1}"sv,
                                      "\"\xFF\""sv, "nul"sv, "[1] // no"sv}) {
    EXPECT_TRUE(parse_json(text).is_discarded()) << text;
  }
}

TEST(Json, NestsAHundredDeepAndNoDeeper) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_FALSE(parse_json(nested(100)).is_discarded());
  EXPECT_TRUE(parse_json(nested(101)).is_discarded());
  EXPECT_TRUE(parse_json(nested(5'000'000)).is_discarded());
  EXPECT_FALSE(parse_json("[\"" + std::string(1000, '[') + "\\\"" + std::string(1000, '{') + "\"]").is_discarded());
}

TEST(Json, ObjectsHaveTenThousandKeysAtMost) {
  const auto object = [](std::size_t keys) {
    std::string text = "[1,2,{";
    for (std::size_t i = 0; i < keys; ++i) text += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":[1,2]";
    return text + "}]";
  };
  EXPECT_FALSE(parse_json(object(10'000)).is_discarded());
  EXPECT_TRUE(parse_json(object(10'001)).is_discarded());
}

TEST(Json, IsWrittenWhateverTheTextsAre) {
  const Json json = {{"caf\xE9", {"\xFF", "ok"}}, {"n", 1}};
  EXPECT_EQ(json_text(json), R"({"caf\\xE9":["\\xFF","ok"],"n":1})");
  EXPECT_EQ(json_text(Json("café\n\x1B")), R"("café\n\u001b")");
  EXPECT_EQ(json_text(Json("\x7F|\xC2\x9B|\u2028|\u202E|\u2066|\u00A0|\u2027")),
            "\"\\u007f|\\u009b|\\u2028|\\u202e|\\u2066|\u00A0|\u2027\"");
  EXPECT_EQ(parse_json(json_text(Json("\x7F\xC2\x9B\u2028"))), Json("\x7F\xC2\x9B\u2028"));
  EXPECT_EQ(json_text(Json{{"a", 1}}, 1), "{\n \"a\": 1\n}");
}

}  // namespace
}  // namespace springbok
