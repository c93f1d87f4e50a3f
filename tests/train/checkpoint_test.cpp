// Checkpoints: what torch.load sees, and that neither a full disk nor a cut file costs the last good one.
#include "springbok/train/checkpoint.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/run/manifest.h"
#include "springbok/train/loop.h"
#include "tests/support/message_of.h"
#include "tests/support/run_python.h"
#include "tests/support/temporary_folder.h"
#include "tests/train/synthetic.h"

namespace springbok::train {
namespace {

using springbok::testing::message_of;
using springbok::testing::run_python;
using springbok::testing::TemporaryFolder;

/// While one lives, no file grows past a size: what a full disk looks like.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) {
    getrlimit(RLIMIT_FSIZE, &before_);
    handler_ = ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  sighandler_t handler_;
};

tensors::Value numbered(std::int64_t number) {
  return {tensors::Dict{{"number", tensors::Value{number}}}};
}

TEST(CheckpointFile, OpensInTorchWithWeightsOnlyAndFeedsItsOptimizer) {
  const TemporaryFolder folder;
  recipe::Recipe recipe = small_recipe(folder / "run");
  recipe.epochs = 1;
  recipe.warmup_epochs = 0;
  run(recipe, Synthetic(50, 4), Synthetic(22, 4, 2));
  const run::CheckpointFolder checkpoints(folder / "run/checkpoints");
  EXPECT_EQ(run_python("train/check_checkpoint.py", {checkpoints.path(*checkpoints.last()).string()}),
            "resnet20 1 7 8 ['class0', 'class1', 'class2', 'class3'] [4, 64] [16, 1, 3, 3] 0.9 8\n");
}

TEST(CheckpointFile, ThatIsNoneOfOursIsRefused) {
  const TemporaryFolder folder;
  write_file(folder / "text.pt", "hello");
  EXPECT_NE(message_of<Error>([&] { read_checkpoint(folder / "text.pt"); }).find("text.pt"), std::string::npos);
  run::CheckpointFolder checkpoints(folder / "c");
  const run::Listed saved = checkpoints.save(numbered(1), 0, 1, {.last = 1});
  EXPECT_NE(message_of<Error>([&] { read_checkpoint(checkpoints.path(saved)); }).find(saved.file), std::string::npos);
}

class CheckpointFolderTest : public ::testing::Test {
 protected:
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / "c")) {
      names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  TemporaryFolder folder_;
  run::CheckpointFolder checkpoints_{folder_ / "c"};
};

TEST_F(CheckpointFolderTest, KeepsBestAndLastAndRemovesTheRest) {
  checkpoints_.save(numbered(1), 1, 10, {.best = true, .last = 2});
  for (std::int64_t epoch = 2; epoch <= 5; ++epoch) checkpoints_.save(numbered(epoch), epoch, 10 * epoch, {.last = 2});
  EXPECT_EQ(files(), (std::vector<std::string>{"epoch-0001-step-00000010.pt", "epoch-0004-step-00000040.pt",
                                               "epoch-0005-step-00000050.pt", "manifest.json"}));
  const run::CheckpointFolder read_again(folder_ / "c");
  EXPECT_EQ(read_again.best()->epoch, 1);
  EXPECT_EQ(read_again.last()->step, 50);
}

/// Also where the run goes on from what the manifest says.
TEST_F(CheckpointFolderTest, WhatIsKeptForGoodStays) {
  for (std::int64_t epoch = 1; epoch <= 7; ++epoch) {
    run::CheckpointFolder(folder_ / "c").save(numbered(epoch), epoch, 10 * epoch, {.stays = epoch % 3 == 0});
  }
  EXPECT_EQ(files(), (std::vector<std::string>{"epoch-0003-step-00000030.pt", "epoch-0006-step-00000060.pt",
                                               "epoch-0007-step-00000070.pt", "manifest.json"}));
}

TEST_F(CheckpointFolderTest, ANewBestReplacesTheOld) {
  checkpoints_.save(numbered(1), 1, 10, {.best = true, .last = 1});
  checkpoints_.save(numbered(2), 2, 20, {.best = true, .last = 1});
  EXPECT_EQ(checkpoints_.best()->epoch, 2);
  EXPECT_EQ(files().size(), 2U);
}

TEST_F(CheckpointFolderTest, NeverOverwritesAListedFile) {
  const run::Listed first = checkpoints_.save(numbered(1), 1, 10, {.best = true, .last = 2});
  const run::Listed second = checkpoints_.save(numbered(2), 1, 10, {.last = 2});
  EXPECT_NE(first.file, second.file);
  run::verify(checkpoints_.path(first));
  run::verify(checkpoints_.path(second));
}

TEST_F(CheckpointFolderTest, AFullDiskKeepsTheLastGoodOne) {
  const run::Listed good = checkpoints_.save(numbered(1), 1, 10, {.best = true, .last = 2});
  const std::vector<std::string> before = files();
  const tensors::Value large{tensors::Dict{{"text", tensors::Value{std::string(100000, 'x')}}}};
  {
    const FullDisk full(20000);
    const std::string message = message_of<Error>([&] { checkpoints_.save(large, 2, 20, {.best = true, .last = 2}); });
    EXPECT_NE(message.find("the checkpoint after step 20 was not saved: "), std::string::npos) << message;
    EXPECT_NE(message.find("File too large; the last good one is " + good.file), std::string::npos) << message;
  }
  EXPECT_EQ(files(), before);
  run::verify(checkpoints_.path(good));
  EXPECT_EQ(checkpoints_.last()->file, good.file);
  EXPECT_EQ(checkpoints_.save(large, 2, 20, {.best = true, .last = 2}).epoch, 2);
}

TEST_F(CheckpointFolderTest, AFileThatTheManifestDoesNotListIsNone) {
  checkpoints_.save(numbered(1), 1, 10, {.best = true, .last = 2});
  write_file(folder_ / "c/epoch-0002-step-00000020.pt", "cut by a crash");
  EXPECT_EQ(run::CheckpointFolder(folder_ / "c").last()->epoch, 1);
}

TEST_F(CheckpointFolderTest, ACutOrMissingFileIsNamed) {
  const run::Listed listed = checkpoints_.save(numbered(1), 1, 10, {.best = true, .last = 2});
  std::filesystem::resize_file(checkpoints_.path(listed), 100);
  EXPECT_NE(message_of<Error>([&] { run::verify(checkpoints_.path(listed)); }).find("cut or altered"),
            std::string::npos);
  std::filesystem::remove(checkpoints_.path(listed));
  EXPECT_NE(message_of<Error>([&] { run::verify(checkpoints_.path(listed)); }).find("but not there"),
            std::string::npos);
}

TEST_F(CheckpointFolderTest, ABrokenManifestIsNamed) {
  checkpoints_.save(numbered(1), 1, 10, {.best = true, .last = 2});
  write_file(folder_ / "c/manifest.json", "{");
  EXPECT_EQ(run::CheckpointFolder(folder_ / "c").problem(),
            (folder_ / "c/manifest.json").string() + ": not a manifest of checkpoints");
}

TEST_F(CheckpointFolderTest, WhatIsThereAndNotListedIsNeitherOverwrittenNorRemoved) {
  make_folder(folder_ / "c");
  write_file(folder_ / "c/epoch-0001-step-00000010.pt", "a stranger");
  write_file(folder_ / "c/epoch-best.pt", "another");
  for (std::int64_t epoch = 1; epoch <= 3; ++epoch)
    checkpoints_.save(numbered(epoch), epoch, 10 * epoch, {.best = true, .last = 1});
  EXPECT_EQ(files(), (std::vector<std::string>{"epoch-0001-step-00000010.pt", "epoch-0003-step-00000030.pt",
                                               "epoch-best.pt", "manifest.json"}));
  EXPECT_EQ(read_text(folder_ / "c/epoch-0001-step-00000010.pt"), "a stranger");
}

}  // namespace
}  // namespace springbok::train
