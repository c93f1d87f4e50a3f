// Files: what was written is read back, and a failed write leaves nothing behind and says why.
#include "springbok/base/file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <functional>
#include <vector>

#include "springbok/base/error.h"
#include "springbok/base/random_file.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_folder.h"

namespace springbok {
namespace {

namespace fs = std::filesystem;
using testing::message_of;
using testing::TemporaryFolder;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

std::size_t entries(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST(File, ReadsBackWhatWasWritten) {
  const TemporaryFolder folder;
  std::string text(300'000, 'x');
  text[0] = '\0';
  text[299'999] = 'y';
  write_file(folder / "a", text);
  EXPECT_EQ(read_text(folder / "a"), text);
  const auto bytes = read_file(folder / "a");
  EXPECT_TRUE(std::ranges::equal(bytes, bytes_of(text)));
  const MappedFile mapped(folder / "a");
  EXPECT_TRUE(std::ranges::equal(mapped.bytes(), bytes_of(text)));
  EXPECT_EQ(entries(folder.path()), 1U);
}

TEST(File, ReadsFilesThatDoNotTellTheirSize) {
  EXPECT_NE(read_text("/proc/self/status").find("Name:"), std::string::npos);
}

TEST(File, EmptyFile) {
  const TemporaryFolder folder;
  write_file(folder / "empty", "");
  EXPECT_TRUE(read_file(folder / "empty").empty());
  EXPECT_TRUE(MappedFile(folder / "empty").bytes().empty());
}

TEST(File, ReadErrorsNamePathAndReason) {
  const TemporaryFolder folder;
  const fs::path missing = folder / "missing";
  const std::string expected = "cannot open " + missing.string() + ": No such file or directory";
  EXPECT_EQ(message_of<Error>([&] { read_file(missing); }), expected);
  EXPECT_EQ(message_of<Error>([&] { read_text(missing); }), expected);
  EXPECT_EQ(message_of<Error>([&] { MappedFile mapped(missing); }), expected);
  EXPECT_EQ(message_of<Error>([&] { sha256_file(missing); }), expected);
  const std::string directory = "cannot read " + folder.path().string() + ": Is a directory";
  EXPECT_EQ(message_of<Error>([&] { read_file(folder.path()); }), directory);
  EXPECT_EQ(message_of<Error>([&] { MappedFile mapped(folder.path()); }), directory);
}

TEST(AtomicFile, NamesAsLongAsNamesMayBe) {
  const TemporaryFolder folder;
  const std::string name(255, 'n');
  write_file(folder / name, "text");
  EXPECT_EQ(read_text(folder / name), "text");
  EXPECT_EQ(entries(folder.path()), 1U);
}

/// A pipe that nobody writes to would keep a reader waiting for ever; /dev/zero would fill the memory.
TEST(File, OnlyRegularFilesOfAFittingSizeAreRead) {
  const TemporaryFolder folder;
  const fs::path pipe = folder / "pipe.jpg", large = folder / "large.jpg", loop = folder / "loop.jpg";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const std::string rest = "; only regular files are read: put its content into one";
  for (const auto& read : std::vector<std::function<void(const fs::path&)>>{
           [](const fs::path& path) { read_file(path); }, [](const fs::path& path) { read_text(path); },
           [](const fs::path& path) { MappedFile mapped(path); }, [](const fs::path& path) { sha256_file(path); },
           [](const fs::path& path) { RandomFile file(path, RandomFile::Mode::read); }}) {
    EXPECT_EQ(message_of<Error>([&] { read(pipe); }), pipe.string() + ": is a pipe" + rest);
    EXPECT_EQ(message_of<Error>([&] { read("/dev/zero"); }), "/dev/zero: is a device" + rest);
  }
  EXPECT_EQ(message_of<Error>([&] { RandomFile file(pipe, RandomFile::Mode::write); }),
            pipe.string() + ": is no regular file; remove it");

  write_file(large, "");
  fs::resize_file(large, 9'000'000'000);  // takes no room
  EXPECT_EQ(message_of<Error>([&] { read_file(large); }),
            large.string() + ": has 9.0 GB; a file of its kind has at most 1.1 GB");
  EXPECT_EQ(message_of<Error>([&] { read_text("/proc/self/status", 10); }).substr(0, 22), "/proc/self/status: has");
  fs::create_symlink("loop.jpg", loop);
  EXPECT_EQ(message_of<Error>([&] { read_file(loop); }),
            "cannot open " + loop.string() + ": Too many levels of symbolic links");
}

TEST(MappedFile, Moves) {
  const TemporaryFolder folder;
  write_file(folder / "a", "aa");
  write_file(folder / "b", "bbb");
  MappedFile a(folder / "a");
  MappedFile b(folder / "b");
  a = std::move(b);
  EXPECT_EQ(a.bytes().size(), 3U);
  const MappedFile c(std::move(a));
  EXPECT_EQ(c.bytes()[2], std::byte{'b'});
}

TEST(AtomicFile, NothingIsSeenBeforeCommit) {
  const TemporaryFolder folder;
  write_file(folder / "a", "old");
  AtomicFile file(folder / "a");
  file.write("new ");
  file.write(bytes_of("text"));
  EXPECT_EQ(file.size(), 8U);
  EXPECT_EQ(read_text(folder / "a"), "old");
  file.commit();
  EXPECT_EQ(read_text(folder / "a"), "new text");
  EXPECT_EQ(entries(folder.path()), 1U);
}

TEST(AtomicFile, ForgottenWithoutCommit) {
  const TemporaryFolder folder;
  write_file(folder / "a", "old");
  {
    AtomicFile file(folder / "a");
    file.write("new");
  }
  EXPECT_EQ(read_text(folder / "a"), "old");
  EXPECT_EQ(entries(folder.path()), 1U);
}

TEST(AtomicFile, HonoursTheUmask) {
  const TemporaryFolder folder;
  const mode_t before = ::umask(027);
  write_file(folder / "a", "x");
  ::umask(before);
  struct stat status {};
  ASSERT_EQ(::stat((folder / "a").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0640U);
}

TEST(AtomicFile, FollowsALink) {
  const TemporaryFolder folder;
  write_file(folder / "target", "old");
  fs::create_symlink("target", folder / "link");
  write_file(folder / "link", "new");
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(read_text(folder / "target"), "new");
}

TEST(AtomicFile, DevicesAreWrittenInPlace) {
  write_file("/dev/null", "gone");
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST(AtomicFile, FullDisk) {
  EXPECT_EQ(message_of<Error>([] { write_file("/dev/full", "x"); }), "cannot write /dev/full: No space left on device");
}

// The limit on file sizes stands in for a disk that fills up in the middle of a file.
TEST(AtomicFile, DiskFullInTheMiddleKeepsTheOldFile) {
  const TemporaryFolder folder;
  write_file(folder / "a", "old");
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit small = before;
  small.rlim_cur = 4096;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::string message = message_of<Error>([&] { write_file(folder / "a", std::string(10'000, 'x')); });
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, old_handler);
  EXPECT_EQ(message, "cannot write " + (folder / "a").string() + ": File too large");
  EXPECT_EQ(read_text(folder / "a"), "old");
  EXPECT_EQ(entries(folder.path()), 1U);
}

TEST(AtomicFile, ErrorsNamePathAndReason) {
  const TemporaryFolder folder;
  write_file(folder / "a", "x");
  const auto write_message = [&](const fs::path& path) { return message_of<Error>([&] { write_file(path, "x"); }); };
  EXPECT_EQ(write_message(folder / "no/b"),
            "cannot write " + (folder / "no/b").string() + ": No such file or directory");
  EXPECT_EQ(write_message(folder / "a/b"), "cannot write " + (folder / "a/b").string() + ": Not a directory");
  EXPECT_EQ(write_message(folder.path()), "cannot write " + folder.path().string() + ": Is a directory");
  // Not even root may make files in /proc.
  EXPECT_EQ(write_message("/proc/springbok").substr(0, 31), "cannot write /proc/springbok: N");
}

// Root may write anywhere, so a child process gives the right up first.
TEST(AtomicFile, NoPermission) {
  const TemporaryFolder folder;
  fs::create_directory(folder / "locked");
  fs::permissions(folder.path(), fs::perms::owner_all | fs::perms::others_exec | fs::perms::others_read);
  fs::permissions(folder / "locked", fs::perms::owner_read | fs::perms::owner_exec | fs::perms::others_exec);
  const auto child = [&] {
    constexpr uid_t kNobody = 65534;
    if (::geteuid() == 0 && ::setuid(kNobody) != 0) ::_exit(2);
    const std::string message = message_of<Error>([&] { write_file(folder / "locked/a", "x"); });
    std::fputs(message.c_str(), stderr);
    ::_exit(1);
  };
  EXPECT_EXIT(child(), ::testing::ExitedWithCode(1), "cannot write .*/locked/a: Permission denied");
  fs::permissions(folder / "locked", fs::perms::owner_all);
}

TEST(MakeFolder, MakesParentsAndAcceptsWhatIsThere) {
  const TemporaryFolder folder;
  make_folder(folder / "a/b/c");
  EXPECT_TRUE(fs::is_directory(folder / "a/b/c"));
  make_folder(folder / "a/b/c");
  write_file(folder / "file", "x");
  const fs::path below = folder / "file/d";
  EXPECT_EQ(message_of<Error>([&] { make_folder(below); }),
            "cannot make folder " + below.string() + ": Not a directory");
  EXPECT_EQ(message_of<Error>([&] { make_folder(folder / "file"); }),
            "cannot make folder " + (folder / "file").string() + ": Not a directory");
}

// The examples of FIPS 180-2, appendix B.
TEST(Sha256, PublishedExamples) {
  EXPECT_EQ(sha256(bytes_of("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256({}), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  const TemporaryFolder folder;
  write_file(folder / "million", std::string(1'000'000, 'a'));
  EXPECT_EQ(sha256_file(folder / "million"), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  write_file(folder / "piece", std::string(std::size_t{1} << 20, 'a'));  // exactly one piece of the reader
  EXPECT_EQ(sha256_file(folder / "piece"), sha256(read_file(folder / "piece")));
}

}  // namespace
}  // namespace springbok
