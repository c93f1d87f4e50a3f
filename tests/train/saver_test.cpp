// Checkpoints written beside the training: what was copied is what is written, failures are told, and a process that is
// killed leaves the last good one.
#include "springbok/train/saver.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <numeric>
#include <optional>
#include <thread>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/rng.h"
#include "springbok/run/folder.h"
#include "springbok/run/manifest.h"
#include "springbok/tensors/read.h"
#include "springbok/train/loop.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_folder.h"
#include "tests/train/failing_calls.h"
#include "tests/train/synthetic.h"

namespace springbok::train {
namespace {

using testing::FailingCall;
using testing::HeldWrites;
using testing::message_of;
using testing::TemporaryFolder;

/// Numbers in memory that a training goes on to change.
struct Numbers {
  explicit Numbers(std::size_t count) : values(count) { std::iota(values.begin(), values.end(), 0.0F); }

  tensors::Tensor tensor(std::vector<std::int64_t> shape, std::vector<std::int64_t> strides) const {
    return {.dtype = tensors::DType::f32,
            .shape = std::move(shape),
            .strides = std::move(strides),
            .bytes = std::as_bytes(std::span(values)),
            .owner = nullptr};
  }

  std::vector<float> values;
};

/// A convolution's weights as they lie in memory, the same as a matrix, a scalar, nothing, and plain values.
tensors::Value mixed(const Numbers& numbers) {
  return {tensors::Dict{{"channels_last", {numbers.tensor({4, 3, 2, 2}, {12, 1, 6, 3})}},
                        {"shared", {tensors::List{{numbers.tensor({4, 3, 2, 2}, {12, 1, 6, 3})}, {std::int64_t{7}}}}},
                        {"matrix", {numbers.tensor({12, 4}, {4, 1})}},
                        {"scalar", {numbers.tensor({}, {})}},
                        {"none", {numbers.tensor({0, 5}, {5, 1})}},
                        {"text", {std::string("words")}}}};
}

TEST(Saver, WritesTheBytesThatItWouldHaveWrittenAtOnce) {
  const TemporaryFolder folder;
  const Numbers numbers(1000);
  run::CheckpointFolder at_once(folder / "a"), beside(folder / "b");
  const run::Listed first = at_once.save(mixed(numbers), 1, 1, {.best = true, .last = 1});
  Saver saver;
  for (std::int64_t step = 1; step <= 2; ++step) {  // the second copy lies in the memory of the first
    saver.save(mixed(numbers),
               [&beside, step](const tensors::Value& root) { beside.save(root, 1, step, {.best = true, .last = 1}); });
  }
  saver.wait();
  EXPECT_EQ(read_file(beside.path(*beside.last())), read_file(at_once.path(first)));
}

TEST(Saver, WhatChangesAfterwardsIsNotWritten) {
  const TemporaryFolder folder;
  Numbers numbers(5000);
  run::CheckpointFolder before(folder / "a"), beside(folder / "b");
  const run::Listed first = before.save(mixed(numbers), 1, 1, {.best = true, .last = 1});
  Saver saver;
  {
    const HeldWrites held;
    tensors::Value root = mixed(numbers);
    std::get<tensors::Dict>(root.data).push_back({"large", {numbers.tensor({50, 100}, {100, 1})}});
    saver.save(root, [&](const tensors::Value& copy) { beside.save(copy, 1, 1, {.best = true, .last = 1}); });
    saver.wait_copied();
    std::fill(numbers.values.begin(), numbers.values.end(), -1.0F);
    while (!HeldWrites::waits()) std::this_thread::yield();
    saver.expect_saved();  // does not wait
    EXPECT_FALSE(run::is_there(folder / "b/manifest.json"));
  }
  saver.wait();
  const tensors::File file = tensors::read(beside.path(*beside.last()));
  const auto* large = tensors::find_as<tensors::Tensor>(std::get<tensors::Dict>(file.root.data), "large");
  ASSERT_NE(large, nullptr);
  float last = 0;
  std::memcpy(&last, large->bytes.data() + 4999 * sizeof last, sizeof last);
  EXPECT_EQ(last, 4999.0F);
}

TEST(Saver, AFailedWriteIsThrownOnce) {
  const TemporaryFolder folder;
  const Numbers numbers(1000);
  run::CheckpointFolder checkpoints(folder / "c");
  std::string lost;
  {
    Saver saver;
    saver.lost = [&](const std::string& why) { lost = why; };
    const auto save = [&](std::int64_t step) {
      saver.save(mixed(numbers),
                 [&, step](const tensors::Value& root) { checkpoints.save(root, 1, step, {.best = true, .last = 2}); });
    };
    save(1);
    saver.wait();
    {
      const FailingCall full(2, ENOSPC);
      save(2);
      const std::string nothing = message_of<Error>([] {});
      std::string told = nothing;
      while (told == nothing) told = message_of<Error>([&] { saver.expect_saved(); });
      EXPECT_NE(told.find("the checkpoint after step 2 was not saved: "), std::string::npos) << told;
      EXPECT_NE(told.find("the last good one is epoch-0001-step-00000001.pt"), std::string::npos) << told;
    }
    saver.wait();
    save(3);
    saver.wait();
    EXPECT_EQ(checkpoints.last()->step, 3);
    const FailingCall full(2, ENOSPC);
    save(4);
    while (!full.came()) std::this_thread::yield();
  }
  EXPECT_NE(lost.find("step 4 was not saved"), std::string::npos) << lost;
}

TEST(Saver, WhatTheDiskAlteredIsNoCheckpoint) {
  const TemporaryFolder folder;
  const Numbers numbers(5000);
  run::CheckpointFolder checkpoints(folder / "c");
  const tensors::Value root{tensors::Dict{{"large", {numbers.tensor({50, 100}, {100, 1})}}}};
  checkpoints.save(root, 1, 1, {.best = true, .last = 2});
  const testing::AlteredWrite altered;
  const std::string message = message_of<Error>([&] { checkpoints.save(root, 1, 2, {.best = true, .last = 2}); });
  EXPECT_NE(message.find("reads back otherwise than it was written"), std::string::npos) << message;
  EXPECT_EQ(run::CheckpointFolder(folder / "c").last()->step, 1);
  EXPECT_EQ(run::CheckpointFolder(folder / "c").unlisted(), std::vector<std::string>{});
}

/// Trains until a save fails; returns how many steps were told.
std::int64_t steps_until_a_save_fails(const recipe::Recipe& recipe, std::string& message) {
  std::int64_t steps = 0;
  TrainSettings settings{.quiet = true, .say = [](const std::string&) {}};
  std::optional<FailingCall> full;
  settings.on_step = [&](const run::StepLine& line) -> std::string {
    steps = line.step;
    if (line.step == 3) full.emplace(30, ENOSPC);  // somewhere in the save that comes now
    return "";
  };
  const Synthetic training(26, 4), validation(10, 4, 2);
  message = message_of<Error>([&] { train(recipe, {}, training, validation, settings); });
  return steps;
}

TEST(Saver, ATrainingHearsOfAFailedSaveAndEnds) {
  const TemporaryFolder folder;
  recipe::Recipe recipe = small_recipe(folder / "run");
  recipe.checkpoint_steps = 3;
  recipe.epochs = 50;
  recipe.workers = 0;
  std::string message;
  const std::int64_t steps = steps_until_a_save_fails(recipe, message);
  EXPECT_NE(message.find("was not saved: "), std::string::npos) << message;
  EXPECT_GE(steps, 3);
  EXPECT_LT(steps, 200);
}

TEST(Saver, AFolderThatIsMovedDuringAWriteIsFollowed) {
  const TemporaryFolder folder;
  recipe::Recipe recipe = small_recipe(folder / "run");
  recipe.checkpoint_steps = 3;
  recipe.epochs = 2;
  recipe.workers = 0;
  std::string told;
  TrainSettings settings{.quiet = true, .say = [&](const std::string& line) { told += line + "\n"; }};
  std::optional<HeldWrites> held;
  settings.on_step = [&](const run::StepLine& line) -> std::string {
    if (line.step == 3) held.emplace();
    if (line.step != 4) return "";
    while (!HeldWrites::waits()) std::this_thread::yield();
    std::filesystem::rename(folder / "run", folder / "other");
    held.reset();
    return "";
  };
  const Synthetic training(26, 4), validation(10, 4, 2);
  EXPECT_EQ(train(recipe, {}, training, validation, settings).ending, Ending::finished);
  EXPECT_NE(told.find("was moved to "), std::string::npos) << told;
  EXPECT_FALSE(run::is_there(folder / "run"));
  const run::CheckpointFolder checkpoints(folder / "other/checkpoints");
  for (const run::Listed& entry : checkpoints.listed()) run::verify(checkpoints.path(entry));
}

/// In a child: saves one checkpoint after the other until it is killed, and tells each that is done.
[[noreturn]] void save_for_ever(const std::filesystem::path& folder, int told) {
  const testing::NoSync quick;
  const Numbers numbers(20000);
  run::open_folder({folder});
  run::CheckpointFolder checkpoints(run::Folder{folder}.checkpoints());
  std::int64_t step = checkpoints.last() ? checkpoints.last()->step : 0;
  Saver saver;
  while (true) {
    ++step;
    const tensors::Value root{tensors::Dict{{"large", {numbers.tensor({100, 200}, {200, 1})}}, {"step", {step}}}};
    saver.save(root, [&, step](const tensors::Value& copy) {
      checkpoints.save(copy, 1, step, {.best = step % 3 == 0, .last = 2});
      if (::write(told, &step, sizeof step) != sizeof step) ::_exit(1);
    });
  }
}

/// Kills one such child after a while; returns the last step that it told.
std::int64_t kill_one(const std::filesystem::path& folder, useconds_t after) {
  int ends[2];
  if (::pipe(ends) != 0) return -1;
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(60);
    try {
      save_for_ever(folder, ends[1]);
    } catch (const std::exception&) {
    }
    ::_exit(9);
  }
  ::close(ends[1]);
  ::usleep(after);
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  std::int64_t step = 0, last = 0;
  while (::read(ends[0], &step, sizeof step) == sizeof step) last = step;
  ::close(ends[0]);
  return WIFSIGNALED(status) ? last : -1;
}

TEST(Saver, TwoHundredKillsLeaveAGoodCheckpoint) {
  const TemporaryFolder folder;
  Rng rng(1, {2});
  std::int64_t told = 0;
  for (int kill = 1; kill <= 200; ++kill) {
    const std::int64_t last = kill_one(folder / "run", static_cast<useconds_t>(rng.uniform(0, 20'000)));
    ASSERT_GE(last, 0) << "the child ended by itself, kill " << kill;
    told = std::max(told, last);
    const run::CheckpointFolder checkpoints(folder / "run/checkpoints");
    if (told == 0) continue;
    ASSERT_EQ(checkpoints.problem(), "") << "kill " << kill;
    ASSERT_GE(checkpoints.last()->step, told) << "kill " << kill;
    for (const run::Listed& entry : checkpoints.listed()) run::verify(checkpoints.path(entry));
  }
  EXPECT_GT(told, 10);
}

}  // namespace
}  // namespace springbok::train
