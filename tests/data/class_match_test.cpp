// Classes are matched by name, never by position.
#include "springbok/data/source/class_match.h"

#include <gtest/gtest.h>

#include "springbok/base/error.h"
#include "tests/data/support.h"
#include "tests/support/message_of.h"

namespace springbok::data {
namespace {

TEST(MatchClasses, MapsByName) {
  const MadeUp source(3);  // classes a, b, c
  EXPECT_EQ(match_classes(source, {"c", "x", "a", "b"}), (std::vector<std::int64_t>{2, 3, 0}));
  EXPECT_EQ(match_classes(source, {"a", "b", "c"}), (std::vector<std::int64_t>{0, 1, 2}));
}

TEST(MatchClasses, NamesWhatTheModelDoesNotKnow) {
  const MadeUp source(3);
  EXPECT_EQ(testing::message_of<Error>([&] {
              match_classes(source, {"c", "d", "e", "f", "g", "h"});
            }),
            "made up: 2 of 3 classes are unknown to the model: a, b (it has 6: c, d, e, f, g and 1 more); "
            "leave them out, or use a model that knows them");
}

TEST(MatchClasses, RefusesAModelWithTwoClassesOfOneName) {
  EXPECT_EQ(testing::message_of<Error>([] {
              match_classes(MadeUp(3), {"a", "b", "a"});
            }),
            "the model has two classes 'a'");
}

}  // namespace
}  // namespace springbok::data
