// After any call on files that fails, `--resume auto` goes on, and ends bit for bit where an undisturbed run ends.
#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>

#include "springbok/base/file.h"
#include "springbok/run/folder.h"
#include "springbok/run/manifest.h"
#include "springbok/train/loop.h"
#include "tests/support/temporary_folder.h"
#include "tests/train/failing_calls.h"
#include "tests/train/synthetic.h"

namespace springbok::train {
namespace {

using testing::FailingCall;
using testing::TemporaryFolder;

tensors::Value numbered(std::int64_t number) {
  return {tensors::Dict{{"number", tensors::Value{number}}}};
}

/// Saves four checkpoints, the first and third of which are the best; returns the last step that was saved.
std::int64_t save_four(const std::filesystem::path& folder) {
  std::int64_t saved = 0;
  try {
    run::CheckpointFolder checkpoints(folder);
    for (std::int64_t step = 1; step <= 4; ++step) {
      checkpoints.save(numbered(step), step, step, {.best = step % 2 == 1, .last = 1});
      saved = step;
    }
  } catch (const Error&) {
  }
  return saved;
}

/// What goes on must find the last checkpoint whole, and be able to save.
void expect_goes_on(const std::filesystem::path& folder, std::int64_t saved) {
  run::CheckpointFolder checkpoints(folder);
  EXPECT_EQ(checkpoints.problem(), "");
  EXPECT_GE(checkpoints.last() ? checkpoints.last()->step : 0, saved);
  EXPECT_TRUE(saved == 0 || checkpoints.best());
  for (const run::Listed& entry : checkpoints.listed()) {
    EXPECT_TRUE(run::is_there(checkpoints.path(entry))) << entry.file;
    run::verify(checkpoints.path(entry));
  }
  checkpoints.save(numbered(9), 9, 9, {.best = true, .last = 1});
  EXPECT_EQ(run::CheckpointFolder(folder).last()->step, 9);
}

TEST(Fault, EachCallOfSavingCheckpointsMayFail) {
  for (const int error : {EIO, EMFILE, EROFS, ENOSPC}) {
    bool came = true;
    long nth = 1;
    for (; came; ++nth) {
      const TemporaryFolder folder;
      std::int64_t saved = 0;
      {
        const FailingCall failing(nth, error);
        saved = save_four(folder / "c");
        came = failing.came();
      }
      EXPECT_TRUE(came || saved == 4);
      expect_goes_on(folder / "c", saved);
      ASSERT_FALSE(HasFailure()) << "call " << nth << ", error " << error;
    }
    EXPECT_GT(nth, 40);
  }
}

TEST(Fault, ARenameThatWasDoneAndReportedAsFailed) {
  bool came = true;
  long nth = 1;
  for (; came; ++nth) {
    const TemporaryFolder folder;
    std::int64_t saved = 0;
    {
      const testing::LostAnswer lost(nth);
      saved = save_four(folder / "c");
      came = lost.came();
    }
    EXPECT_TRUE(came || saved == 4);
    expect_goes_on(folder / "c", saved);
    ASSERT_FALSE(HasFailure()) << "rename " << nth;
  }
  EXPECT_EQ(nth, 2 * 4 + 2);  // of each checkpoint and its manifest; then none is left to fail
}

/// A sample of a run's calls: each is tried where only the files are (above); these have the run around them.
TEST(Fault, ARunWhoseCallFailedGoesOn) {
  const TemporaryFolder folder;
  const Synthetic training(26, 4), validation(10, 4, 2);
  recipe::Recipe recipe = small_recipe(folder / "whole");
  recipe.epochs = 2;
  recipe.checkpoint_steps = 3;
  recipe.workers = 0;
  run(recipe, training, validation);
  const auto whole = read_file(folder / "whole/weights.safetensors");
  bool came = true;
  long tried = 0;
  for (long nth = 1; came; nth += 101, ++tried) {
    recipe::Recipe part = recipe;
    part.out = (folder / format("part{}", nth)).string();
    {
      const FailingCall failing(nth, EIO);
      try {
        run(part, training, validation);
      } catch (const Error&) {
      }
      came = failing.came();
    }
    part.resume = "auto";
    EXPECT_EQ(run(part, training, validation).ending, Ending::finished) << "call " << nth;
    EXPECT_EQ(read_file(folder / format("part{}/weights.safetensors", nth)), whole) << "call " << nth;
  }
  EXPECT_GT(tried, 5);
}

}  // namespace
}  // namespace springbok::train
