// Run folders are read as they were written; what is missing, cut or mixed up is said with file and line.
#include "springbok/study/run.h"

#include <gtest/gtest.h>

#include <fstream>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/study/recipes.h"
#include "tests/study/made_run.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_folder.h"

namespace springbok::study {
namespace {

using springbok::testing::message_of;
using springbok::testing::TemporaryFolder;
using testing::write_run;

void append(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::app) << text;
}

void replace_in(const std::filesystem::path& path, const std::string& from, const std::string& to) {
  std::string text = read_text(path);
  const std::size_t at = text.find(from);
  ASSERT_NE(at, std::string::npos) << from;
  write_file(path, text.replace(at, from.size(), to));
}

std::string complaint(const std::filesystem::path& folder) {
  return message_of<Error>([&] { read_run(folder); });
}

TEST(Run, HoldsWhatTheFolderSays) {
  const TemporaryFolder folder;
  write_run(folder / "a", {.epochs = 3, .steps_per_epoch = 4, .first_top1 = 80});
  const RunSummary run = read_run(folder / "a" / "");
  EXPECT_EQ(run.name, "a");
  EXPECT_EQ(run.model, "resnet20");
  EXPECT_EQ(run.log.steps.size(), 12U);
  EXPECT_EQ(run.log.epochs.size(), 3U);
  EXPECT_EQ(run.log.steps_per_epoch(), 4);
  EXPECT_DOUBLE_EQ(run.log.steps[1].loss, 1.0);
  ASSERT_NE(run.best(), nullptr);
  EXPECT_EQ(run.best()->epoch, 3);
  EXPECT_DOUBLE_EQ(metrics::value_of(run.best()->val, "top1"), 83);
  EXPECT_DOUBLE_EQ(run.data_seconds(), 3);
  EXPECT_DOUBLE_EQ(run.compute_seconds(), 9);
  EXPECT_DOUBLE_EQ(run.eval_seconds(), 6);
  EXPECT_DOUBLE_EQ(run.images_per_second(), 100);
  EXPECT_EQ(run.machine, "Some CPU @ 2 GHz, 2 usable cores");
}

/// ResNet-20 has 0.27 million parameters and, at 32 x 32, about 41 million multiply-adds (He et al. 2016, table 6): at
/// 28 x 28 they are 49/64 of that.
TEST(Run, CountsTheModelAtTheRecipesSize) {
  const TemporaryFolder folder;
  write_run(folder / "a");
  const RunSummary run = read_run(folder / "a");
  EXPECT_NEAR(static_cast<double>(run.params) / 1e6, 0.27, 0.005);
  EXPECT_NEAR(static_cast<double>(run.macs) / 1e6, 41.0 * 49 / 64, 0.6);  // the paper rounds, and our images are grey
}

TEST(Run, TheEarlierOfEqualEpochsIsTheBest) {
  const TemporaryFolder folder;
  write_run(folder / "a", {.epochs = 2});
  replace_in(folder / "a/log.jsonl", "\"val_top1\":82", "\"val_top1\":81");
  EXPECT_EQ(read_run(folder / "a").best()->epoch, 1);
}

TEST(Run, ARunBeforeItsFirstEpochHasNoBest) {
  const TemporaryFolder folder;
  write_run(folder / "a", {.epochs = 0, .finished = false});
  const RunSummary run = read_run(folder / "a");
  EXPECT_EQ(run.best(), nullptr);
  EXPECT_EQ(run.images_per_second(), 0);
}

TEST(Run, LossesThatAreNotFiniteAreKeptAsGaps) {
  const TemporaryFolder folder;
  write_run(folder / "a");
  replace_in(folder / "a/log.jsonl", "\"val_loss\":0.4", "\"val_loss\":null");
  EXPECT_TRUE(std::isnan(read_run(folder / "a").log.epochs[0].val.front().value));
}

TEST(Run, AFolderThatIsNoRunIsSaid) {
  const TemporaryFolder folder;
  EXPECT_EQ(complaint(folder / "none"),
            (folder / "none").string() + ": no such folder; give one that 'train --out' wrote");
  EXPECT_EQ(complaint(folder.path()),
            folder.path().string() + ": not a run folder (it has no run.json); give one that 'train --out' wrote");
}

TEST(Run, DamageIsSaidWithFileLineAndKey) {
  const TemporaryFolder folder;
  const std::string log = (folder / "a/log.jsonl").string(), record = (folder / "a/run.json").string();
  const auto expect = [&](const std::string& start) {
    const std::string said = complaint(folder / "a");
    EXPECT_EQ(said.substr(0, start.size()), start) << said;
    write_run(folder / "a");
  };
  write_run(folder / "a", {.epochs = 1, .steps_per_epoch = 2});
  append(log, "{\"step\":3,\"epo");
  expect(log + ":4: not a whole JSON object");

  append(log, "{\"step\":12,\"epoch\":3,\"loss\":1,\"lr\":1,\"data_s\":0,\"compute_s\":1,\"images_s\":1}\n");
  expect(log + ":16: number 12 comes after number 12");

  replace_in(log, "\"lr\"", "\"rate\"");
  expect(log + ":1: says nothing of 'lr'");

  replace_in(log, "\"loss\":2", "\"loss\":\"high\"");
  expect(log + ":1: its 'loss' is not of the right type: \"high\"");

  replace_in(log, "\"loss\":2", "\"loss\":1e300");
  expect(log + ":1: its 'loss' is 1e+300");

  replace_in(log, "\"step\":1,", "\"step\":1.5,");
  expect(log + ":1: its 'step' is not of the right type: 1.5");

  append(record, std::string("\0{}", 3));
  expect(record + ": not a JSON object");

  replace_in(record, "\"size\": 28", "\"size\": 4294967324");
  expect(record + ": recipe: its 'size' must be between 1 and 8192, got 4294967324");

  write_file(record, "{\"recipe\": ");
  expect(record + ": not a JSON object");

  replace_in(record, "\"classes\"", "\"names\"");
  expect(record + ": data: says nothing of 'classes'");

  replace_in(record, "\"size\"", "\"width\"");
  expect(record + ": recipe: says nothing of 'size'");

  replace_in(record, "resnet20", "resnet21");
  expect("there is no model 'resnet21'");

  std::filesystem::remove(log);
  expect("cannot open " + log);
}

TEST(Run, NamesAreTheFoldersOwnUnlessTheyAreEqual) {
  const TemporaryFolder folder;
  for (const char* name : {"x/a", "x/b", "y/a"}) write_run(folder / name);
  const auto names = [&](const std::vector<std::filesystem::path>& folders) {
    std::vector<std::string> list;
    for (const RunSummary& run : read_runs(folders)) list.push_back(run.name);
    return list;
  };
  EXPECT_EQ(names({folder / "x/a", folder / "x/b"}), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(names({folder / "x/a", folder / "y/a"}),
            (std::vector<std::string>{(folder / "x/a").string(), (folder / "y/a").string()}));
  EXPECT_NE(message_of<Error>([&] {
              names({folder / "x/a", folder / "x/../x/a/"});
            }).find("given twice"),
            std::string::npos);
}

TEST(Recipes, WhatDiffersIsToldFromWhatIsShared) {
  const TemporaryFolder folder;
  write_run(folder / "a", {.lr = 0.1});
  write_run(folder / "b", {.model = "resnet20_elastic", .lr = 0.2});
  replace_in(folder / "b/run.json", "\"zero_gamma\": false, ", "\"zero_gamma\": false, \"mixup\": 0.2, ");
  const RecipeComparison comparison = compare_recipes(read_runs({folder / "a", folder / "b"}));
  ASSERT_EQ(comparison.different.size(), 3U);
  EXPECT_EQ(comparison.different[0].key, "model");
  EXPECT_EQ(comparison.different[0].values, (std::vector<std::string>{"\"resnet20\"", "\"resnet20_elastic\""}));
  EXPECT_EQ(comparison.different[1].key, "lr");
  EXPECT_EQ(comparison.different[2].key, "mixup");
  EXPECT_EQ(comparison.different[2].values, (std::vector<std::string>{"", "0.2"}));
  for (const RecipeRow& row : comparison.same) EXPECT_NE(row.key, "out");
}

/// Lists of numbers were texts in the records of before.
TEST(Recipes, TheSameNumbersAreEqualHoweverTheyWereWritten) {
  const TemporaryFolder folder;
  for (const char* name : {"a", "b"}) write_run(folder / name, {});
  replace_in(folder / "a/run.json", "\"dropout\"", "\"mean\": [\"0.449\"], \"dropout\"");
  replace_in(folder / "b/run.json", "\"dropout\"", "\"mean\": [0.449], \"dropout\"");
  EXPECT_TRUE(compare_recipes(read_runs({folder / "a", folder / "b"})).different.empty());
}

}  // namespace
}  // namespace springbok::study
