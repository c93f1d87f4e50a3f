// Child processes as ranks: how they end.
#include "springbok/ranks/local_ranks.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <thread>

#include "tests/ranks/worker.h"

namespace springbok::ranks {
namespace {

bool alive(int process) {
  return ::kill(process, 0) == 0;
}

/// The process of a rank, once it runs.
int process_of(const testing::TemporaryFolder& folder, int rank) {
  for (int i = 0; i < 500; ++i) {
    if (const std::string text = written(folder, rank); !text.empty()) return std::stoi(text);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  ADD_FAILURE() << "rank " << rank << " does not run";
  return 0;
}

/// It has said why itself.
TEST(LocalRanks, OneThatFailsEndsAll) {
  const testing::TemporaryFolder folder;
  LocalRanks settings = workers(3, "fail", folder);
  settings.patience = std::chrono::milliseconds(500);
  std::string said;
  settings.say = [&](const std::string& line) { said += line + "\n"; };
  EXPECT_EQ(run_local_ranks(settings), 7);
  EXPECT_EQ(said, "");
  for (const int rank : {0, 2}) EXPECT_FALSE(alive(process_of(folder, rank))) << rank;
}

TEST(LocalRanks, WhereAllAreKilledTheFirstIsNamed) {
  const testing::TemporaryFolder folder;
  LocalRanks settings = workers(2, "sleep", folder);
  settings.patience = settings.last_patience = std::chrono::milliseconds(300);
  std::string said;
  settings.say = [&](const std::string& line) { said += line + "\n"; };
  std::thread killer([&] { ::kill(process_of(folder, 1), SIGKILL); });
  EXPECT_EQ(run_local_ranks(settings), 128 + SIGKILL);
  killer.join();
  EXPECT_EQ(said, "rank 1 of 2 was killed by signal 9 (Killed); all ranks end\n");
}

/// A process that has started two ranks, which sleep.
struct Launched {
  testing::TemporaryFolder folder;
  int launcher = ::fork(), first = 0, second = 0;

  Launched() {
    if (launcher == 0) ::_exit(run_local_ranks(workers(2, "sleep", folder)));
    first = process_of(folder, 0);
    second = process_of(folder, 1);
  }
  /// Sends the signal to the launcher; the status with which it ends.
  int end_by(int signal) const {
    int status = 0;
    ::kill(launcher, signal);
    ::waitpid(launcher, &status, 0);
    return status;
  }
};

TEST(LocalRanks, SignalsArePassedOn) {
  const Launched ranks;
  const int status = ranks.end_by(SIGTERM);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 128 + SIGTERM);
  EXPECT_FALSE(alive(ranks.first));
  EXPECT_FALSE(alive(ranks.second));
}

TEST(LocalRanks, NoneIsLeftWhenTheLauncherIsKilled) {
  const Launched ranks;
  ranks.end_by(SIGKILL);
  for (int i = 0; i < 500 && (alive(ranks.first) || alive(ranks.second)); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_FALSE(alive(ranks.first));
  EXPECT_FALSE(alive(ranks.second));
}

TEST(LocalRanks, AProgramThatIsNotThereIsAStatus) {
  LocalRanks settings;
  settings.ranks = 2;
  settings.command = {"/nowhere/springbok"};
  EXPECT_EQ(run_local_ranks(settings), 127);
}

}  // namespace
}  // namespace springbok::ranks
