// Ranks that meet: sums, and what is said when one of them is gone.
#include "springbok/ranks/join.h"

#include <gtest/gtest.h>

#include "tests/ranks/worker.h"
#include "tests/support/message_of.h"

namespace springbok::ranks {
namespace {

class Join : public ::testing::TestWithParam<int> {};

TEST_P(Join, AllRanksHaveTheSameSums) {
  const int ranks = GetParam();
  const testing::TemporaryFolder folder;
  EXPECT_EQ(run_local_ranks(workers(ranks, "exchange", folder)), 0);
  const int sum = ranks * (ranks + 1) / 2;
  for (int rank = 0; rank < ranks; ++rank) {
    EXPECT_EQ(written(folder, rank), format("{} {} {}", 1000 * sum, 960 * sum, 2)) << rank;
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, Join, ::testing::Values(2, 3, 4));

TEST(Join, TheOthersNameARankThatWasKilled) {
  const testing::TemporaryFolder folder;
  LocalRanks settings = workers(3, "kill", folder);
  std::string said;
  settings.say = [&](const std::string& line) { said += line + "\n"; };
  EXPECT_EQ(run_local_ranks(settings), 128 + 9);
  EXPECT_EQ(said, "rank 2 of 3 was killed by signal 9 (Killed); all ranks end\n");
  for (const int rank : {0, 1}) {
    EXPECT_TRUE(
        written(folder, rank).starts_with(format("step 3: rank {} of 3: rank 2 is gone, or hangs in a sum", rank)))
        << written(folder, rank);
  }
}

TEST(Join, TheOthersNameARankThatHangs) {
  const testing::TemporaryFolder folder;
  LocalRanks settings = workers(3, "halt", folder);
  settings.patience = std::chrono::seconds(5);
  EXPECT_NE(run_local_ranks(settings), 0);
  for (const int rank : {0, 1})
    EXPECT_NE(written(folder, rank).find("rank 2 is gone, or hangs in a sum"), std::string::npos)
        << written(folder, rank);
}

TEST(Join, SaysWhereNotAllCome) {
  const Place place{.rank = 0, .size = 2, .local_size = 2, .url = "tcp://127.0.0.1:0", .launcher = "torchrun"};
  const std::string said = testing::message_of<engine::RankLost>([&] { join(place, std::chrono::seconds(1)); });
  EXPECT_TRUE(said.starts_with("rank 0 of 2: not all ranks met at tcp://127.0.0.1:0 within 1 s, as torchrun says: "))
      << said;
}

}  // namespace
}  // namespace springbok::ranks
