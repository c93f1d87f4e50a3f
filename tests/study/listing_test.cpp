// Runs are found, and each state is told from what their folders hold.
#include "springbok/study/listing.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/text.h"
#include "springbok/run/lock.h"
#include "tests/study/made_run.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_folder.h"

namespace springbok::study {
namespace {

using springbok::testing::message_of;
using springbok::testing::TemporaryFolder;
using testing::write_run;

/// A manifest that lists one checkpoint; the file itself is not looked at.
void write_manifest(const std::filesystem::path& run, int step) {
  make_folder(run / "checkpoints");
  write_file(run / "checkpoints/manifest.json",
             format(R"({{"checkpoints": [{{"file": "a.pt", "sha256": "{}", "epoch": 0, "step": {}, "best": false}}]}})",
                    std::string(64, 'a'), step));
}

class Listing : public ::testing::Test {
 protected:
  ListedRun only() { return list_runs(folder_ / "runs").at(0); }
  TemporaryFolder folder_;
};

TEST_F(Listing, FindsRunsBelowAndNamesThemByTheirPlace) {
  write_run(folder_ / "runs/b");
  write_run(folder_ / "runs/deep/er/a");
  write_run(folder_ / "runs/b/inner");  // what lies in a run is that run's
  const std::vector<ListedRun> runs = list_runs(folder_ / "runs");
  ASSERT_EQ(runs.size(), 2U);
  EXPECT_EQ(runs[0].name, "b");
  EXPECT_EQ(runs[1].name, "deep/er/a");
  EXPECT_EQ(list_runs(folder_ / "runs/b").size(), 1U);
}

TEST_F(Listing, Finished) {
  write_run(folder_ / "runs/a");
  EXPECT_EQ(only().state, RunState::finished);
  EXPECT_EQ(only().why, "");
}

TEST_F(Listing, RunningWhileTheLockIsHeld) {
  write_run(folder_ / "runs/a", {.finished = false});
  {
    const run::Lock lock(folder_ / "runs/a");
    EXPECT_EQ(only().state, RunState::running);
  }
  EXPECT_NE(only().state, RunState::running);
}

TEST_F(Listing, StoppedWhereTheCheckpointHasAllThatWasDone) {
  write_run(folder_ / "runs/a", {.epochs = 3, .steps_per_epoch = 4, .finished = false});
  write_manifest(folder_ / "runs/a", 12);
  EXPECT_EQ(only().state, RunState::stopped);
  EXPECT_EQ(only().why, "after step 12; go on with --resume auto");
}

TEST_F(Listing, BrokenWhereStepsAreLost) {
  write_run(folder_ / "runs/a", {.epochs = 3, .steps_per_epoch = 4, .finished = false});
  write_manifest(folder_ / "runs/a", 8);
  EXPECT_EQ(only().state, RunState::broken);
  EXPECT_EQ(only().why, "it ended after step 12 without saving; its last checkpoint is of step 8");
}

TEST_F(Listing, BrokenByAStepThatWasNotFinite) {
  write_run(folder_ / "runs/a", {.epochs = 3, .steps_per_epoch = 4, .finished = false});
  write_manifest(folder_ / "runs/a", 12);
  write_file(folder_ / "runs/a/not_finite-step-00000013.pt", "");
  EXPECT_EQ(only().state, RunState::broken);
  EXPECT_EQ(only().why, "step 13 was not finite (not_finite-step-00000013.pt; 'springbok replay' repeats it)");
}

TEST_F(Listing, BrokenWhereAFileIsDamaged) {
  write_run(folder_ / "runs/a");
  write_file(folder_ / "runs/a/run.json", "{");
  EXPECT_EQ(only().state, RunState::broken);
  EXPECT_NE(only().why.find("run.json: not a JSON object"), std::string::npos) << only().why;
}

TEST_F(Listing, TableAndJsonSayTheSame) {
  write_run(folder_ / "runs/a", {.epochs = 3, .first_top1 = 88});
  const std::vector<ListedRun> runs = list_runs(folder_ / "runs");
  EXPECT_EQ(to_text(runs),
            "run  state        model  epochs         best  of epoch  images/s\n"
            "a    finished  resnet20     3/3  top-1 91.00         3       100\n");
  const auto json = to_json(runs);
  EXPECT_EQ(json[0]["state"], "finished");
  EXPECT_EQ(json[0]["best"]["top1"], 91.0);
}

TEST_F(Listing, AFolderThatIsNotThere) {
  const std::string path = (folder_ / "none").string();
  EXPECT_EQ(message_of<Error>([&] { list_runs(path); }), path + ": no such folder; give one that holds runs");
}

}  // namespace
}  // namespace springbok::study
