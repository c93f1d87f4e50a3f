// Two runs are told apart by what is recorded of them.
#include "springbok/study/differences.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "springbok/base/file.h"
#include "tests/study/made_run.h"
#include "tests/support/temporary_folder.h"

namespace springbok::study {
namespace {

using springbok::testing::TemporaryFolder;
using testing::write_run;

class DifferencesTest : public ::testing::Test {
 protected:
  Differences compare(const testing::MadeRun& a, const testing::MadeRun& b) {
    write_run(folder_ / "a", a);
    write_run(folder_ / "b", b);
    runs_ = read_runs({folder_ / "a", folder_ / "b"});
    return differences(runs_[0], runs_[1]);
  }
  static std::string texts(const std::vector<Difference>& list) {
    std::string text;
    for (const Difference& each : list) text += each.what + ": " + each.a + " | " + each.b + "\n";
    return text;
  }
  TemporaryFolder folder_;
  std::vector<RunSummary> runs_;
};

TEST_F(DifferencesTest, OfEqualRunsThereAreNone) {
  const Differences found = compare({}, {});
  EXPECT_FALSE(found.any());
  EXPECT_EQ(found.same_steps, 12);
  EXPECT_EQ(to_text(found, runs_[0], runs_[1]),
            "the same recipe, data, build and machine, and the same results to the last bit\n");
}

TEST_F(DifferencesTest, RecipeAndResultsAreNamed) {
  const Differences found = compare({.lr = 0.1}, {.first_top1 = 81, .lr = 0.2});
  EXPECT_EQ(texts(found.causes), "recipe lr: 0.1 | 0.2\n");
  EXPECT_EQ(texts(found.results), "best top-1: 83 | 84\n");
  EXPECT_FALSE(found.loss);
}

TEST_F(DifferencesTest, WhereTheDataLieChangesNoResult) {
  const Differences found = compare({.data = "idx:/here"}, {.data = "idx:/there"});
  EXPECT_FALSE(found.any());
  EXPECT_EQ(texts(found.harmless), "recipe data: \"idx:/here\" | \"idx:/there\"\n");
}

TEST_F(DifferencesTest, DataBuildAndMachineAreNamed) {
  write_run(folder_ / "a");
  write_run(folder_ / "b");
  auto record = nlohmann::ordered_json::parse(read_text(folder_ / "b/run.json"));
  record["data"]["digest"] = "other";
  record["machine"]["cpu"] = "Another CPU";
  record["libtorch"] = "2.14.0";
  record["build"] = {{"revision", "0123"}, {"dirty", true}};
  write_file(folder_ / "b/run.json", record.dump());
  runs_ = read_runs({folder_ / "a", folder_ / "b"});
  EXPECT_EQ(texts(differences(runs_[0], runs_[1]).causes),
            "training images: abc | other\nbuild revision:  | 0123\nbuild changed:  | true\nLibTorch: 2.13.0 | 2.14.0\n"
            "CPU: Some CPU @ 2 GHz | Another CPU\n");
}

TEST_F(DifferencesTest, TheFirstLossThatDiffersIsShown) {
  write_run(folder_ / "a");
  write_run(folder_ / "b");
  std::string log = read_text(folder_ / "b/log.jsonl");
  const std::string third = "\"step\":3,\"epoch\":1,\"loss\":0.6666666666666666";
  ASSERT_NE(log.find(third), std::string::npos) << log;
  log.replace(log.find(third), third.size(), "\"step\":3,\"epoch\":1,\"loss\":0.6666666666666667");
  write_file(folder_ / "b/log.jsonl", log);
  runs_ = read_runs({folder_ / "a", folder_ / "b"});
  const Differences found = differences(runs_[0], runs_[1]);
  EXPECT_EQ(found.same_steps, 2);
  ASSERT_TRUE(found.loss);
  EXPECT_EQ(texts({*found.loss}), "loss of step 3: 0.66666666666666663 | 0.66666666666666674\n");
  EXPECT_NE(to_text(found, runs_[0], runs_[1])
                .find("losses are equal up to step 2 of the log, and differ from there on; nothing that is recorded "
                      "tells the runs apart\n"),
            std::string::npos);
}

}  // namespace
}  // namespace springbok::study
