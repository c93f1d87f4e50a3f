// What may fall short, and what may not.
#include "springbok/weights/fit/allow.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "springbok/base/error.h"
#include "tests/weights/helpers.h"

namespace springbok::weights {
namespace {

const std::vector<std::string> kHead{"fc.weight", "fc.bias"};

std::string error_of(const Match& match, const std::vector<std::string>& allow) {
  try {
    expect_allowed(match, kHead, allow, "a.pth", [] { return std::string("do this"); });
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Head, IsWhatDependsOnTheClasses) {
  EXPECT_EQ(head_params("resnet18", {}), kHead);
  EXPECT_EQ(head_params("vgg11", {.classes = 7}),
            (std::vector<std::string>{"classifier.6.weight", "classifier.6.bias"}));
  EXPECT_EQ(head_params("squeezenet1_1", {}), (std::vector<std::string>{"classifier.1.weight", "classifier.1.bias"}));
}

TEST(Head, OfANetworkOfPixelsIsAllBehindItsTrunk) {
  const std::vector<std::string> head = head_params("dla60x_seg", {.classes = 21});
  const auto has = [&](const char* name) { return std::find(head.begin(), head.end(), name) != head.end(); };
  EXPECT_TRUE(has("dla_up.ida_0.proj_1.0.weight") && has("fc.0.weight") && has("up.weight"));
  EXPECT_FALSE(has("base.fc.weight") || has("base.level0.0.weight"));
}

TEST(Allow, EachShortfallHasItsWord) {
  const Match head{
      .pairs = {{}}, .missing = {"fc.bias"}, .unexpected = {}, .mismatched = {"fc.weight"}, .shapes = {"x"}};
  EXPECT_EQ(shortfalls(head, kHead), std::vector<std::string>{"head"});
  EXPECT_EQ(error_of(head, {"head"}), "");
  EXPECT_EQ(error_of(head, {"missing", "unused"}),
            "a.pth: loaded 1 tensors, 1 missing (fc.bias), 1 of another shape (fc.weight: x); do this, or, if that is "
            "meant, --allow head");
  const Match much{
      .pairs = {{}}, .missing = {"a", "fc.bias"}, .unexpected = {"b"}, .mismatched = {"c"}, .shapes = {"x"}};
  EXPECT_EQ(shortfalls(much, kHead), allowable());
  EXPECT_EQ(error_of(much, allowable()), "");
  for (const std::string& word : allowable()) EXPECT_NE(error_of(much, {word}), "");
  EXPECT_TRUE(
      shortfalls({.pairs = {{}}, .missing = {}, .unexpected = {}, .mismatched = {}, .shapes = {}}, kHead).empty());
}

TEST(Allow, AFileOfWhichNothingFitsIsAnErrorAnyhow) {
  const Match nothing{.pairs = {}, .missing = {"a"}, .unexpected = {"b"}, .mismatched = {}, .shapes = {}};
  EXPECT_EQ(error_of(nothing, allowable()), "a.pth: loaded 0 tensors, 1 missing (a), 1 unexpected (b); do this");
}

}  // namespace
}  // namespace springbok::weights
