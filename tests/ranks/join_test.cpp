// Ranks that meet: sums, and what is said when one of them is gone.
#include "springbok/ranks/join.h"

#include <gtest/gtest.h>

#include <chrono>

#include "tests/ranks/worker.h"
#include "tests/support/loopback_port.h"
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
  EXPECT_EQ(said, "") << "the others have told";
  for (const int rank : {0, 1}) {
    const std::string who = rank == 0 ? "tells" : "is silent";
    EXPECT_TRUE(written(folder, rank)
                    .starts_with(format("{}: step 3: rank {} of 3: rank 2 is gone, or hangs in a sum", who, rank)))
        << written(folder, rank);
  }
}

/// One that lives and has not come to the sum yet is no lost one.
TEST(Join, ARankAtWorkIsNotNamed) {
  const testing::TemporaryFolder folder;
  EXPECT_NE(run_local_ranks(workers(3, "kill busy", folder)), 0);
  EXPECT_TRUE(written(folder, 0).starts_with("tells: step 3: rank 0 of 3: rank 2 is gone, or hangs"))
      << written(folder, 0);
}

/// The first rank holds the store that the others look for it in.
TEST(Join, TheOthersNameTheFirstRankToo) {
  for (const char* how : {"kill first", "halt first"}) {
    const testing::TemporaryFolder folder;
    LocalRanks settings = workers(3, how, folder);
    settings.patience = std::chrono::seconds(5);
    EXPECT_NE(run_local_ranks(settings), 0);
    EXPECT_TRUE(written(folder, 1).starts_with("tells: step 3: rank 1 of 3: rank 0 is gone, or hangs"))
        << how << ": " << written(folder, 1);
    EXPECT_TRUE(written(folder, 2).starts_with("is silent: step 3: rank 2 of 3: rank 0 is gone, or hangs"))
        << how << ": " << written(folder, 2);
  }
}

/// A rank that ends with an error of its own tells it itself.
TEST(Join, TheOthersKeepStillAboutARankThatLeft) {
  for (const char* who : {"leave", "leave first"}) {
    const testing::TemporaryFolder folder;
    EXPECT_NE(run_local_ranks(workers(3, who, folder)), 0);
    for (const int rank : {who == std::string("leave") ? 0 : 2, 1}) {
      EXPECT_TRUE(
          written(folder, rank).starts_with(format("is silent: step 3: rank {} of 3: another rank failed in", rank)))
          << written(folder, rank);
    }
  }
}

TEST(Join, OneHailsAll) {
  const testing::TemporaryFolder folder;
  EXPECT_EQ(run_local_ranks(workers(2, "hail", folder)), 0);
  EXPECT_EQ(written(folder, 0) + written(folder, 1), "hailedhailed");
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

/// Where rank 0 never comes, and where it comes and is gone before it has said a word: no later than was asked for.
TEST(Join, WaitsForRankZeroNoLongerThanAsked) {
  using Clock = std::chrono::steady_clock;
  const testing::LoopbackPort taken;
  const std::string url = format("tcp://127.0.0.1:{}", taken.port());
  const Place place{.rank = 1, .size = 2, .local_size = 2, .url = url, .launcher = "torchrun"};
  for (const bool listens : {false, true}) {
    if (listens) taken.listen();
    const auto began = Clock::now();
    ::testing::internal::CaptureStderr();
    const std::string said = testing::message_of<engine::RankLost>([&] { join(place, std::chrono::seconds(4)); });
    EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
    EXPECT_LT(Clock::now() - began, std::chrono::seconds(6)) << said;
    EXPECT_TRUE(said.starts_with(format("rank 1 of 2: not all ranks met at {} within 4 s, as torchrun says: ", url)))
        << said;
    const char* why =
        listens ? "somebody listens there, but does not answer" : "nobody answers there (Connection refused)";
    EXPECT_TRUE(said.ends_with(why)) << said;
  }
}

TEST(Join, SaysWhereNotAllCome) {
  const Place place{.rank = 0, .size = 2, .local_size = 2, .url = "tcp://127.0.0.1:0", .launcher = "torchrun"};
  const std::string said = testing::message_of<engine::RankLost>([&] { join(place, std::chrono::seconds(1)); });
  EXPECT_TRUE(said.starts_with("rank 0 of 2: not all ranks met at tcp://127.0.0.1:0 within 1 s, as torchrun says: "))
      << said;
}

}  // namespace
}  // namespace springbok::ranks
