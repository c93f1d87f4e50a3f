// Disks that fail, files that change under a training: one clear error, no crash, no waiting for ever.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <chrono>
#include <cstdio>

#include "springbok/base/rng.h"
#include "springbok/data/load/loader.h"
#include "springbok/data/pack/pack.h"
#include "tests/data/support.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_folder.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;
using testing::message_of;
using testing::TemporaryFolder;

const fs::path kImages = fs::path(SPRINGBOK_SOURCE_DIR) / "tests/image/files";
const fs::path kLmdb = fs::path(SPRINGBOK_SOURCE_DIR) / "tests/data/fixtures/lmdb";
constexpr std::int64_t kCount = 12;

/// The same twelve images as a folder, a shard, a database and a pack; `file` is where one or all of them lie.
struct Kind {
  const char* name;
  const char* file;
  const char* late = "";  ///< a disk that fails after opening has read what it reads
};
constexpr Kind kFolder{"folder", "train/a/00.jpg"}, kTar{"tar", "train/a.tar", "fail-after-40"},
    kDatabase{"lmdb", "train.lmdb", "fail-after-12"}, kPack{"pack", "train.pack", "fail-after-6"};

void make_images(const fs::path& root) {
  fs::create_directories(root / "train/a");
  for (int i = 0; i < kCount; ++i) fs::copy(kImages / "444.jpg", root / format("train/a/{:02}.jpg", i));
}

void make_shard(const fs::path& root) {
  const TemporaryFolder files;
  for (int i = 0; i < kCount; ++i) {
    fs::copy(kImages / "444.jpg", files / format("{:02}.jpg", i));
    write_file(files / format("{:02}.cls", i), "0");
  }
  fs::create_directories(root / "train");
  const std::string command =
      "cd '" + files.path().string() + "' && tar --sort=name -cf '" + (root / "train/a.tar").string() + "' *";
  ASSERT_EQ(std::system(command.c_str()), 0);
}

/// Makes the source, and returns its SPEC.
std::string make(const Kind& kind, const fs::path& root) {
  const std::string name = kind.name;
  if (name == "folder") make_images(root);
  if (name == "tar") make_shard(root);
  if (name == "lmdb") fs::copy(kLmdb / "pyarrow-0.17/train.lmdb", root / "train.lmdb");
  if (name == "pack") {
    make_images(root / "images");
    write_pack(*open_source((root / "images").string(), Split::train), root, Split::train, {.threads = 1, .done = {}});
  }
  return name + ":" + root.string();
}

std::int64_t load_all(const Source& source) {
  Loader loader(source, Transform({.size = 16}, Augment{}), {.batch = 2, .workers = 2, .shuffle = true});
  std::int64_t images = 0;
  while (const auto batch = loader.next()) images += batch->size;
  return images;
}

struct Result {
  int code = 0;
  std::string line;
  double seconds = 0;
};

/// A program of this folder on a bad disk, for a minute at most.
Result run_on(const std::string& disk, const std::string& program) {
  const std::string programs = std::string(SPRINGBOK_BINARY_DIR) + "/tests/";
  const std::string command = format(
      "ASAN_OPTIONS=verify_asan_link_order=0 SPRINGBOK_BAD_DISK='{}' LD_PRELOAD={}libdata_bad_disk.so timeout 60 {}{} "
      "2>&1",
      disk, programs, programs, program);
  const auto began = std::chrono::steady_clock::now();
  std::FILE* const pipe = ::popen(command.c_str(), "r");
  std::string text;
  for (int c = 0; (c = std::fgetc(pipe)) != EOF;) text += static_cast<char>(c);
  const int status = ::pclose(pipe);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text, took.count()};
}

Result load_on(const std::string& disk, const std::string& spec, int batches = 0) {
  return run_on(disk, format("data_load_epoch '{}' {}", spec, batches));
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Fault, ADiskThatFailsIsOneErrorWithTheFilesName) {
  for (const Kind& kind : {kFolder, kTar, kDatabase, kPack}) {
    const TemporaryFolder folder;
    const std::string spec = make(kind, folder.path());
    ASSERT_EQ(load_on("fail:no-such-file", spec).line, format("{} images\n", kCount)) << kind.name;
    const std::string path = (folder.path() / kind.file).string();
    for (const char* disk : {"fail", kind.late}) {
      if (*disk == '\0') continue;
      const Result result = load_on(format("{}:{}", disk, path), spec);
      EXPECT_EQ(result.code, 1) << kind.name << " " << disk << ": " << result.line;
      EXPECT_TRUE(contains(result.line, path) && contains(result.line, "Input/output error")) << result.line;
      EXPECT_EQ(std::count(result.line.begin(), result.line.end(), '\n'), 1) << result.line;
    }
  }
}

TEST(Fault, ASlowDiskIsWaitedForAndStoppedAtOnce) {
  for (const Kind& kind : {kFolder, kTar, kDatabase, kPack}) {
    const TemporaryFolder folder;
    const std::string spec = make(kind, folder.path());
    const std::string disk = format("slow:{}", folder.path().string());
    EXPECT_EQ(load_on(disk, spec).line, format("{} images\n", kCount)) << kind.name;
    EXPECT_EQ(load_on(disk, spec, 1).line, "2 images\n") << kind.name;
  }
}

TEST(Fault, AFileCutWhileLoadingIsAnError) {
  for (const Kind& kind : {kFolder, kTar, kDatabase, kPack}) {
    const TemporaryFolder folder;
    const auto source = open_source(make(kind, folder.path()), Split::train);
    fs::resize_file(folder / kind.file, 400);
    const std::string message = message_of<Error>([&] { load_all(*source); });
    const bool whole_file = std::string(kind.name) != "folder";
    EXPECT_TRUE(contains(message, kind.file)) << message;
    EXPECT_TRUE(contains(message, whole_file ? "it was cut" : "truncated JPEG")) << message;
  }
}

TEST(Fault, ADeletedFileIsAnErrorOrStillThere) {
  for (const Kind& kind : {kFolder, kTar, kDatabase, kPack}) {
    const TemporaryFolder folder;
    const auto source = open_source(make(kind, folder.path()), Split::train);
    fs::remove(folder / kind.file);
    if (std::string(kind.name) != "folder") {
      EXPECT_EQ(load_all(*source), kCount) << kind.name;
      continue;
    }
    const std::string message = message_of<Error>([&] { load_all(*source); });
    EXPECT_TRUE(contains(message, kind.file) && contains(message, "No such file")) << message;
  }
}

/// Files cut anywhere: an Error at opening or at loading that names them, or all images.
TEST(Fault, CutFilesAreErrors) {
  for (const Kind& kind : {kTar, kDatabase, kPack}) {
    const TemporaryFolder folder;
    const std::string spec = make(kind, folder.path());
    const std::string whole = read_text(folder / kind.file);
    for (std::size_t eighths = 0; eighths < 8; ++eighths) {
      write_file(folder / kind.file, whole.substr(0, whole.size() * eighths / 8));
      const std::string message = message_of<Error>([&] { load_all(*open_source(spec, Split::train)); });
      EXPECT_TRUE(contains(message, kind.file)) << kind.name << " " << eighths << ": " << message;
    }
  }
}

/// Garbage anywhere, 64 bytes or one: never a crash, and no image that is not there.
TEST(Fault, GarbageIsAnErrorOrAnImage) {
  for (const Kind& kind : {kTar, kDatabase, kPack}) {
    const TemporaryFolder folder;
    const std::string spec = make(kind, folder.path());
    const std::string whole = read_text(folder / kind.file);
    Rng rng(5, kind.name);
    for (int round = 0; round < 200; ++round) {
      std::string bad = whole;
      const std::size_t at = rng.below(whole.size() - 64), length = round % 2 == 0 ? 64 : 1;
      for (std::size_t i = 0; i < length; ++i) bad[at + i] = static_cast<char>(rng.below(256));
      write_file(folder / kind.file, bad);
      try {
        EXPECT_LE(load_all(*open_source(spec, Split::train)), kCount);
      } catch (const Error& error) {
        EXPECT_FALSE(std::string(error.what()).empty());
      }
    }
  }
}

/// Whichever call fails: one error, after which the same command goes on to what it should have made.
TEST(Fault, WritingGoesOnAfterAnyCallThatFailed) {
  const TemporaryFolder images;
  for (int i = 0; i < 3; ++i) write_png(images / format("train/{}/0.png", i), picture(6 + i, 9, 3));
  const auto source = open_source(images.path().string(), Split::train);
  write_pack(*source, images / "packs", Split::train, {.threads = 1, .done = {}});
  for (const char* what : {"pack", "lmdb", "unpack"}) {
    const TemporaryFolder folder;
    const std::string from =
        std::string(what) == "unpack" ? "pack:" + (images / "packs").string() : images.path().string();
    int number = 0;
    for (Result result{1, "", 0}; result.code != 0; ++number) {
      ASSERT_LT(number, 200);
      const fs::path out = folder / std::to_string(number) / "set";
      const std::string program = format("data_write_set {} '{}' '{}'", what, from, out.string());
      result = run_on(format("fail-change-{}:{}", number + 1, out.string()), program);
      EXPECT_TRUE(result.code == 0 || result.code == 1) << result.line;
      EXPECT_EQ(std::count(result.line.begin(), result.line.end(), '\n'), 1) << result.line;
      if (result.code == 1) {
        EXPECT_EQ(run_on("none", program).line, "3 images\n") << what << " " << number << " after " << result.line;
      }
      const auto made = open_source(out.string(), Split::train);
      ASSERT_EQ(made->size(), 3);
      for (std::int64_t i = 0; i < 3; ++i) EXPECT_EQ(made->image(i, 3), source->image(i, 3));
    }
    EXPECT_GT(number, 8) << what;
  }
}

}  // namespace
}  // namespace springbok::data
