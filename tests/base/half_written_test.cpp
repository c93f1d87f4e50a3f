// What a killed process left half written goes with the next attempt; what a living one writes stays.
#include "springbok/base/half_written.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "springbok/base/file.h"
#include "tests/support/temporary_folder.h"

namespace springbok {
namespace {

using testing::TemporaryFolder;

std::vector<std::string> names(const std::filesystem::path& folder) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) found.push_back(entry.path().filename());
  return found;
}

/// A process that writes a file until it is killed.
pid_t begin_writing(const std::filesystem::path& path) {
  int ready[2];
  EXPECT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    AtomicFile file(path);
    file.write(std::string_view("half"));
    if (::write(ready[1], "!", 1) == 1) ::pause();
    ::_exit(1);
  }
  char told = 0;
  EXPECT_EQ(::read(ready[0], &told, 1), 1);
  ::close(ready[0]);
  ::close(ready[1]);
  return child;
}

TEST(HalfWritten, GoesWhenItsWriterIsDead) {
  const TemporaryFolder folder;
  const pid_t child = begin_writing(folder / "w.pt");
  write_file(folder / ".w.pt.1-2.tmp", "of before");
  ASSERT_EQ(names(folder.path()).size(), 2U);
  check_writable(folder / "w.pt");
  EXPECT_EQ(names(folder.path()).size(), 2U) << "its writer lives";
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  check_writable(folder / "other.pt");
  EXPECT_EQ(names(folder.path()).size(), 2U) << "of another file";
  check_writable(folder / "w.pt");
  EXPECT_EQ(names(folder.path()), (std::vector<std::string>{".w.pt.1-2.tmp"})) << "who wrote that is not known";
}

TEST(HalfWritten, NamesSayWhoWrites) {
  const std::string name = half_written_name("a.b.pt"), next = half_written_name("a.b.pt");
  EXPECT_NE(name, next);
  const std::optional<HalfWritten> half = half_written(name);
  ASSERT_TRUE(half);
  EXPECT_EQ(half->name, "a.b.pt");
  EXPECT_EQ(half->process, ::getpid());
  EXPECT_FALSE(half->writer_lives()) << "this process is no other";
  EXPECT_FALSE(half->writer_is_dead());
  EXPECT_LE(half_written_name(std::string(255, 'x')).size(), 255U);
  for (const char* other : {".tmp", "..1-1.tmp", "a.1-1.tmp", ".a.1.tmp", ".a.1-1", ".a.1-1-xyz.tmp", ".a.-1-1.tmp"}) {
    EXPECT_FALSE(half_written(other)) << other;
  }
}

}  // namespace
}  // namespace springbok
