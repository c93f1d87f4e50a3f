// A vector that is indexed by an id.
#include "springbok/base/indexed.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace springbok {
namespace {

TEST(Indexed, TakesIdsOfAnyWholeType) {
  Indexed<int> values{10, 11, 12};
  const std::int32_t id = 2;
  values[id] = 5;
  const Indexed<int>& read = values;
  EXPECT_EQ(read[std::int64_t{2}], 5);
  EXPECT_EQ(read[std::size_t{1}], 11);
  EXPECT_EQ(&values[id], &values.back());
}

TEST(Indexed, IsAVector) {
  Indexed<bool> flags(3, false);
  flags[std::int32_t{1}] = true;
  EXPECT_EQ(flags, (std::vector<bool>{false, true, false}));
  const Indexed<int> taken = std::vector<int>{1, 2};
  EXPECT_EQ(taken.size(), 2U);
}

}  // namespace
}  // namespace springbok
