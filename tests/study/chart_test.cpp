// Axes end on round ticks, charts draw what they are given, and texts cannot break out of them.
#include "springbok/study/chart.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "springbok/study/ticks.h"

namespace springbok::study {
namespace {

std::vector<std::string> labels(const Axis& axis) {
  std::vector<std::string> texts;
  for (const double tick : axis.ticks) texts.push_back(axis.label(tick));
  return texts;
}

using Texts = std::vector<std::string>;

TEST(Ticks, AreRoundAndCoverTheRange) {
  EXPECT_EQ(labels(axis(0, 10)), (Texts{"0", "2", "4", "6", "8", "10"}));
  EXPECT_EQ(labels(axis(0.13, 0.52)), (Texts{"0.1", "0.2", "0.3", "0.4", "0.5", "0.6"}));
  EXPECT_EQ(labels(axis(-0.2, 0.3)), (Texts{"-0.2", "-0.1", "0.0", "0.1", "0.2", "0.3"}));
  EXPECT_EQ(labels(axis(88.3, 91.2)), (Texts{"88", "89", "90", "91", "92"}));
  EXPECT_EQ(labels(axis(0, 2.5e-6)), (Texts{"0", "5e-07", "1e-06", "1.5e-06", "2e-06", "2.5e-06"}));
}

TEST(Ticks, HoldForEveryRange) {
  for (double width = 1e-9; width < 1e12; width *= 3.7) {
    for (const double low : {-7.3, 0.0, 0.31}) {
      const double from = low * width, to = from + width;
      const Axis made = axis(from, to);
      EXPECT_LE(made.low(), from + made.step * 1e-6);
      EXPECT_GE(made.high(), to - made.step * 1e-6);
      EXPECT_GE(made.ticks.size(), 3U);
      EXPECT_LE(made.ticks.size(), 8U);
    }
  }
}

TEST(Ticks, ARangeWithoutWidthIsWidened) {
  EXPECT_LT(axis(5, 5).low(), 5);
  EXPECT_GT(axis(5, 5).high(), 5);
  EXPECT_LT(axis(0, 0).low(), 0);
}

TEST(Chart, TheHighestPointStandsAboveTheLowest) {
  const std::string svg =
      to_svg({.title = "t", .x_label = "x", .y_label = "y", .series = {{"a", 0, {{0, 0}, {8, 10}}}}});
  EXPECT_NE(svg.find("d=\"M64.0 252.0L546.0 12.0\""), std::string::npos) << svg;
}

TEST(Chart, APointThatIsNotFiniteIsAGap) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::string svg =
      to_svg({.title = "t", .x_label = "x", .y_label = "y", .series = {{"a", 0, {{0, 0}, {2, 5}, {4, nan}, {8, 10}}}}});
  EXPECT_NE(svg.find("d=\"M64.0 252.0L184.5 132.0M546.0 12.0\""), std::string::npos) << svg;
  EXPECT_EQ(svg.find("nan"), std::string::npos);
  EXPECT_EQ(to_svg({.title = "t", .x_label = "x", .y_label = "y", .series = {{"a", 0, {{0, nan}}}}}), "");
}

TEST(Chart, TextsAreEscaped) {
  EXPECT_EQ(escape("<a href=\"x\">&'"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;");
  const std::string svg =
      to_svg({.title = "<t>", .x_label = "<x>", .y_label = "<y>", .series = {{"<a>", 0, {{0, 1}}}}});
  for (const char* text : {"<t>", "<x>", "<y>", "<a>"}) EXPECT_EQ(svg.find(text), std::string::npos) << text;
}

TEST(Chart, ThinnedCurvesKeepTheirMean) {
  std::vector<std::pair<double, double>> points;
  for (int i = 0; i < 1000; ++i) points.emplace_back(i, i % 7);
  const auto few = thinned(points, 100);
  ASSERT_EQ(few.size(), 100U);
  double sum = 0, few_sum = 0;
  for (const auto& point : points) sum += point.second;
  for (const auto& point : few) few_sum += point.second;
  EXPECT_NEAR(few_sum / 100, sum / 1000, 1e-9);
  EXPECT_EQ(thinned(points, 5000), points);
}

}  // namespace
}  // namespace springbok::study
