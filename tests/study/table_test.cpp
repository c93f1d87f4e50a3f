// The comparison as text and as JSON.
#include "springbok/study/table.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/study/made_run.h"
#include "tests/support/temporary_folder.h"

namespace springbok::study {
namespace {

using springbok::testing::TemporaryFolder;
using testing::write_run;

TEST(Table, RowsAreAlignedAndTheBestMarked) {
  const TemporaryFolder folder;
  write_run(folder / "twin", {.epochs = 2, .first_top1 = 88});
  write_run(folder / "elastic", {.model = "resnet20_elastic", .epochs = 3, .first_top1 = 88});
  EXPECT_EQ(to_text(table(read_runs({folder / "twin", folder / "elastic"}))),
            "run      model             params    MACs    top-1    top-5  images/s   time\n"
            "twin     resnet20           269 k  30.8 M  90.00 %  99.50 %       100  12.0s\n"
            "elastic  resnet20_elastic   269 k  24.0 M  91.00 %* 99.50 %       100  18.0s\n"
            "* best\n");
}

TEST(Table, OneRunHasNoBestAndAnUnfinishedOneIsSaid) {
  const TemporaryFolder folder;
  write_run(folder / "a", {.epochs = 0, .finished = false});
  EXPECT_EQ(to_text(table(read_runs({folder / "a"}))),
            "run  model     params    MACs  top-1  top-5  images/s  time\n"
            "a    resnet20   269 k  30.8 M      -      -         -  0.0s\n"
            "a has not finished: 0 of 0 epochs\n");
}

TEST(Table, JsonHasTheNumbersAsTheyAre) {
  const TemporaryFolder folder;
  write_run(folder / "a", {.epochs = 2, .first_top1 = 88.125});
  write_run(folder / "b", {.epochs = 0, .finished = false});
  const nlohmann::ordered_json rows = table_json(read_runs({folder / "a", folder / "b"}));
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0]["run"], "a");
  EXPECT_EQ(rows[0]["best_epoch"], 2);
  EXPECT_EQ(rows[0]["top1"], 90.125);
  EXPECT_EQ(rows[0]["seconds"], 12.0);
  EXPECT_EQ(rows[0]["finished"], true);
  EXPECT_TRUE(rows[1]["top1"].is_null());
  std::vector<std::string> first, second;
  for (const auto& [key, value] : rows[0].items()) first.push_back(key);
  for (const auto& [key, value] : rows[1].items()) second.push_back(key);
  EXPECT_EQ(first, second);
}

TEST(Table, CountsAreShortened) {
  EXPECT_EQ(short_count(0), "0");
  EXPECT_EQ(short_count(999), "999");
  EXPECT_EQ(short_count(1000), "1.00 k");
  EXPECT_EQ(short_count(272474), "272 k");
  EXPECT_EQ(short_count(9995000), "10.0 M");
  EXPECT_EQ(short_count(25557032), "25.6 M");
  EXPECT_EQ(short_count(999600000), "1.00 G");
  EXPECT_EQ(short_count(4089184256), "4.09 G");
}

}  // namespace
}  // namespace springbok::study
