// One rule for what is best, and tallies that know their task.
#include "springbok/metrics/goal.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "springbok/base/error.h"
#include "springbok/metrics/tally.h"
#include "tests/support/message_of.h"

namespace springbok::metrics {
namespace {

using springbok::testing::message_of;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

TEST(Goal, TheEarlierOfEqualsStaysAndWhatIsNoNumberLoses) {
  const Goal goal = goal_of(Classify{});
  const auto at = [](double value) { return Metrics{{"loss", 1}, {"top1", value}}; };
  EXPECT_TRUE(better(goal, at(51), at(50)));
  EXPECT_FALSE(better(goal, at(50), at(50)));
  EXPECT_FALSE(better(goal, at(49), at(50)));
  EXPECT_TRUE(better(goal, at(0), at(kNan)));
  EXPECT_FALSE(better(goal, at(kNan), at(0)));
  EXPECT_FALSE(better(goal, at(kNan), at(kNan)));
  EXPECT_FALSE(better(goal, {}, at(0)));
  const Goal lower{.key = "loss", .title = "loss", .higher = false};
  EXPECT_TRUE(better(lower, {{"loss", 0.5}}, {{"loss", 1}}));
}

TEST(Goal, EachTaskHasItsOwnAndComesBackFromJson) {
  for (const Task& task : {Task(Classify{}), Task(MultiLabel{}), Task(Segment{})}) {
    EXPECT_EQ(task_named(name_of(task), "x"), task);
    EXPECT_EQ(goal_from_json(to_json(goal_of(task)), "x"), goal_of(task));
    EXPECT_EQ(tally_from_json(to_json(empty_tally(task)), task, "x"), empty_tally(task));
  }
  EXPECT_EQ(goal_of(MultiLabel{}).key, "mAP");
  EXPECT_EQ(message_of<Error>([] { task_named("detect", "run.json"); }),
            "run.json: 'detect' is no task that this build knows (classify, multilabel, segment)");
}

TEST(Tally, OfAnotherTaskIsNotAdded) {
  Tally tally = ClassTally{.samples = 2, .top1 = 1, .top5 = 2, .loss = 3};
  tally += Tally(ClassTally{.samples = 2, .top1 = 1, .top5 = 1, .loss = 1});
  EXPECT_EQ(metrics_of(tally), (Metrics{{"loss", 1}, {"top1", 50}, {"top5", 75}}));
  EXPECT_EQ(to_json(tally).dump(), R"({"samples":4,"top1":2,"top5":3,"loss":4.0})");
  EXPECT_EQ(message_of<Error>([&] { tally += empty_tally(Segment{}); }), "tallies of two tasks cannot be added");
}

}  // namespace
}  // namespace springbok::metrics
