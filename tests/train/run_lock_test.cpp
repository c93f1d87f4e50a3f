// A run folder has one run at a time, whatever became of the last one.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "springbok/base/file.h"
#include "springbok/run/lock.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_folder.h"
#include "tests/train/synthetic.h"

namespace springbok::train {
namespace {

namespace fs = std::filesystem;
using testing::message_of;
using testing::TemporaryFolder;

TEST(Lock, TellsTheSecondWhoHoldsIt) {
  const TemporaryFolder folder;
  const fs::path run = folder / "run";
  {
    const run::Lock first(run);
    const std::string message = message_of<Error>([&] { run::Lock second(run); });
    EXPECT_TRUE(message.starts_with(run.string() + ": another run is writing there (on ")) << message;
    EXPECT_NE(message.find(format(", process {}, since 2", ::getpid())), std::string::npos) << message;
    EXPECT_TRUE(message.ends_with("); wait until it ends, or choose another --out")) << message;
    EXPECT_TRUE(fs::exists(run / "lock"));
  }
  EXPECT_FALSE(fs::exists(run)) << "nothing came into the folder that it made";
  make_folder(run);
  { const run::Lock again(run); }
  EXPECT_TRUE(fs::is_empty(run));
}

TEST(Lock, IsFreedByTheDeathOfItsHolder) {
  const TemporaryFolder folder;
  std::array<int, 2> ready{};
  ASSERT_EQ(::pipe(ready.data()), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const run::Lock held(folder.path());
    if (::write(ready[1], "!", 1) == 1) ::pause();
    ::_exit(1);
  }
  char told = 0;
  ASSERT_EQ(::read(ready[0], &told, 1), 1);
  const std::string message = message_of<Error>([&] { run::Lock refused(folder.path()); });
  EXPECT_NE(message.find(format("process {}", child)), std::string::npos) << message;
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_TRUE(fs::exists(folder / "lock")) << "left behind, as by any crash";
  const run::Lock taken(folder.path());
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST(Lock, KnowsWhereTheFolderIs) {
  const TemporaryFolder folder;
  const fs::path run = folder / "run", other = folder / "other";
  make_folder(run);
  write_file(run / "run.json", "{}");
  const run::Lock lock(run);
  EXPECT_EQ(lock.place(), run);
  fs::rename(run, other);
  EXPECT_EQ(lock.place(), fs::canonical(other));
  make_folder(run);
  EXPECT_EQ(lock.place(), fs::canonical(other)) << "another folder of the old name";
  fs::remove_all(other);
  EXPECT_EQ(
      message_of<Error>([&] { lock.place(); }),
      run.string() + ": the run folder is gone: it was removed, or moved to another disk, while this run wrote to it");
}

TEST(Lock, ASecondRunIsRefusedBeforeItTouchesAnything) {
  const TemporaryFolder folder;
  recipe::Recipe recipe = small_recipe(folder / "run");
  recipe.epochs = 1;
  recipe.warmup_epochs = 0;
  recipe.workers = 0;
  const Synthetic validation(22, 4, 2);
  Synthetic training(50, 4);
  std::vector<std::string> messages;
  training.on_image = [&](std::int64_t index) {
    if (index != 7) return;
    for (const char* resume : {"", "auto"}) {
      recipe::Recipe second = recipe;
      second.resume = resume;
      messages.push_back(message_of<Error>([&] { run(second, Synthetic(50, 4, 9), validation); }));
    }
  };
  EXPECT_EQ(run(recipe, training, validation).ending, Ending::finished);
  ASSERT_EQ(messages.size(), 2U);
  for (const std::string& message : messages) {
    EXPECT_NE(message.find("another run is writing there"), std::string::npos) << message;
  }
  EXPECT_FALSE(fs::exists(folder / "run/lock"));
}

TEST(Lock, ARunGoesWithItsFolder) {
  const TemporaryFolder folder;
  recipe::Recipe recipe = small_recipe(folder / "run");
  recipe.epochs = 2;
  recipe.workers = 0;
  const Synthetic validation(22, 4, 2);
  Synthetic training(50, 4);
  training.on_image = [&](std::int64_t) {
    if (fs::exists(folder / "run/log.jsonl")) fs::rename(folder / "run", folder / "other");
  };
  std::string told;
  const auto say = [&](const std::string& line) { told += line + "\n"; };
  const Outcome outcome = train(recipe, {}, training, validation, {.quiet = true, .say = say});
  const std::string now = fs::canonical(folder / "other").string();
  EXPECT_NE(told.find(format("warning: {} was moved to {}; the run goes on there\n", recipe.out, now)),
            std::string::npos)
      << told;
  EXPECT_EQ(outcome.weights, now + "/weights.safetensors");
  EXPECT_TRUE(fs::exists(outcome.weights));
  EXPECT_FALSE(fs::exists(folder / "run"));
  EXPECT_FALSE(fs::exists(folder / "other/lock"));
}

}  // namespace
}  // namespace springbok::train
