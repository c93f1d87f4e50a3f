// Text for people: numbers, sizes, durations, near misses.
#include "springbok/base/text.h"

#include <gtest/gtest.h>

namespace springbok {
namespace {

TEST(Text, Commas) {
  EXPECT_EQ(with_commas(0), "0");
  EXPECT_EQ(with_commas(999), "999");
  EXPECT_EQ(with_commas(1000), "1,000");
  EXPECT_EQ(with_commas(-1234567), "-1,234,567");
}

TEST(Text, Bytes) {
  EXPECT_EQ(human_bytes(109), "109 B");
  EXPECT_EQ(human_bytes(122'400), "122.4 KB");
  EXPECT_EQ(human_bytes(999'960), "1.0 MB");
  EXPECT_EQ(human_bytes(3'100'000'000), "3.1 GB");
}

TEST(Text, Seconds) {
  EXPECT_EQ(human_seconds(8.27), "8.3s");
  EXPECT_EQ(human_seconds(59.97), "1m 00s");
  EXPECT_EQ(human_seconds(245), "4m 05s");
  EXPECT_EQ(human_seconds(7625), "2h 07m");
}

TEST(Text, Closest) {
  EXPECT_EQ(closest("resnet5", {"resnet18", "resnet50"}), "resnet50");
  EXPECT_EQ(closest("lr", {"momentum", "schedule"}), "");
  EXPECT_EQ(closest("x", {}), "");
}

TEST(Text, Join) {
  EXPECT_EQ(join({}), "");
  EXPECT_EQ(join({"a", "b", "a"}), "a, b, a");
  EXPECT_EQ(join({"a", "b"}, "/"), "a/b");
  EXPECT_EQ(join_first({"a", "b"}, 2), "a, b");
  EXPECT_EQ(join_first({"a", "b", "c", "d"}, 2), "a, b and 2 more");
}

}  // namespace
}  // namespace springbok
