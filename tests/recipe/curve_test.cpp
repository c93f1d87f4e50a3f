// Curves, and what they are made of.
#include "springbok/recipe/curve.h"

#include <gtest/gtest.h>

#include "springbok/base/error.h"
#include "tests/support/message_of.h"

namespace springbok::recipe {
namespace {

TEST(Curve, OfAScheduleIsItsLearningRate) {
  const Schedule schedule{.lr = 0.4, .warmup_steps = 3, .total_steps = 10};
  const Curve curve = curve_of(schedule);
  for (std::int64_t step = 0; step < 12; ++step) EXPECT_EQ(curve(step), learning_rate(schedule, step));
}

TEST(Curve, ALineEndsWhereItShouldAndStaysThere) {
  const Curve line = linear(1, 0, 4);
  EXPECT_EQ(line(0), 1);
  EXPECT_EQ(line(1), 0.75);
  EXPECT_EQ(line(4), 0);
  EXPECT_EQ(line(9), 0);
  EXPECT_EQ(springbok::testing::message_of<Error>([] { linear(0, 1, 0); }), "a line takes one step or more, not 0");
}

TEST(Curve, TheSecondPartCountsFromItsOwnBeginning) {
  const Curve both = then(constant(5), 2, linear(0, 1, 2));
  EXPECT_EQ(both(1), 5);
  EXPECT_EQ(both(2), 0);
  EXPECT_EQ(both(3), 0.5);
}

}  // namespace
}  // namespace springbok::recipe
