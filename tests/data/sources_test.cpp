// Kinds of sources beside folders and IDX: lists, CIFAR, WebDataset shards, LMDB. Shards are written by GNU tar,
// databases by old pyarrow and lmdb (fixtures/make_lmdb.py).
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "springbok/data/check/verify.h"
#include "springbok/data/pack/pack.h"
#include "springbok/image/decode.h"
#include "tests/data/support.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_folder.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;
using testing::message_of;
using testing::TemporaryFolder;

const fs::path kFiles = fs::path(SPRINGBOK_SOURCE_DIR) / "tests/image/files";
const fs::path kLmdb = fs::path(SPRINGBOK_SOURCE_DIR) / "tests/data/fixtures/lmdb";

void write(const fs::path& path, const std::string& text) {
  make_folder(path.parent_path());
  write_file(path, text);
}

void run(const std::string& command) {
  ASSERT_EQ(std::system(command.c_str()), 0) << command;
}

image::Image decoded(const char* file) {
  return image::decode(read_file(kFiles / file), 3, file);
}

TEST(ListSource, NamesPathsAndClasses) {
  const TemporaryFolder folder;
  fs::create_directories(folder.path() / "pictures");
  fs::copy(kFiles / "rgb.png", folder.path() / "pictures/a b.png");
  fs::copy(kFiles / "420.jpg", folder.path() / "pictures/c.jpg");
  write(folder.path() / "train.txt", "# two\npictures/a b.png dog\n\npictures/c.jpg\tcat\r\npictures/c.jpg dog\n");
  const auto source = open_source("list:" + folder.path().string(), Split::train);
  ASSERT_EQ(source->size(), 3);
  EXPECT_EQ(source->classes(), (std::vector<std::string>{"cat", "dog"}));
  EXPECT_EQ(source->target(0), 1);
  EXPECT_EQ(source->target(1), 0);
  EXPECT_EQ(source->name(0), "pictures/a b.png");
  EXPECT_EQ(source->image(0, 3), decoded("rgb.png"));
  EXPECT_EQ(open_source(folder.path().string(), Split::train)->digest(), source->digest());
  write(folder.path() / "train.txt", "pictures/c.jpg 10\npictures/c.jpg 2\n");
  EXPECT_EQ(open_source("list:" + folder.path().string(), Split::train)->classes().size(), 11U);
  write(folder.path() / "classes.txt", "night\nnoon\n");
  EXPECT_NE(message_of<Error>([&] {
              open_source("list:" + folder.path().string(), Split::train);
            }).find("sample 1 has the label '10', which is none of the 2 classes"),
            std::string::npos);
  write(folder.path() / "train.txt", "alone.jpg\n");
  EXPECT_NE(message_of<Error>([&] {
              open_source("list:" + folder.path().string(), Split::train);
            }).find("train.txt:1: expects 'PATH CLASS', got 'alone.jpg'"),
            std::string::npos);
}

/// `count` records whose pixels are 3 * index + channel.
std::string cifar_records(int count, const std::string& labels_before) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    text += labels_before + static_cast<char>(i % 10);
    for (int c = 0; c < 3; ++c) text += std::string(1024, static_cast<char>(3 * i + c));
  }
  return text;
}

TEST(CifarSource, ReadsBothSets) {
  const TemporaryFolder folder;
  const fs::path ten = folder.path() / "cifar-10-batches-bin";
  for (int i = 1; i <= 5; ++i) write(ten / format("data_batch_{}.bin", i), cifar_records(4, ""));
  write(ten / "test_batch.bin", cifar_records(3, ""));
  write(ten / "batches.meta.txt", "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n");
  const auto train = open_source(folder.path().string(), Split::train);
  EXPECT_EQ(train->size(), 20);
  EXPECT_EQ(train->classes()[9], "truck");
  EXPECT_EQ(train->target(7), 3);
  EXPECT_EQ(train->image(7, 3).pixels[31 * 3 + 2], 3 * 3 + 2);
  EXPECT_EQ(open_source("cifar:" + folder.path().string(), Split::val)->size(), 3);
  write(ten / "data_batch_3.bin", cifar_records(4, "").substr(1));
  EXPECT_NE(
      message_of<Error>([&] { open_source(folder.path().string(), Split::train); }).find("12,291 bytes are no whole"),
      std::string::npos);
  const fs::path hundred = folder.path() / "hundred";
  write(hundred / "train.bin", cifar_records(6, "\x13"));
  const auto fine = open_source(hundred.string(), Split::train);
  EXPECT_EQ(fine->classes().size(), 100U);
  EXPECT_EQ(fine->target(5), 5);
  EXPECT_EQ(fine->image(5, 3).pixels[0], 15);
}

TEST(TarSource, ReadsShardsThatTarWrote) {
  const TemporaryFolder folder;
  const fs::path files = folder.path() / "files";
  const std::string deep = std::string(120, 'd');  // a name that needs a second header
  for (const auto& [key, file, label] :
       {std::tuple("0001", "420.jpg", "1\n"), {"0002", "rgb.png", "0"}, {"0003", "lossy.webp", "1"}}) {
    write(files / (std::string(key) + ".cls"), label);
    fs::copy(kFiles / file, files / (std::string(key) + fs::path(file).extension().string()));
    write(files / (std::string(key) + ".json"), "{}");
  }
  write(files / (deep + ".cls"), "2");
  fs::copy(kFiles / "444.jpg", files / (deep + ".jpg"));
  fs::create_directories(folder.path() / "data/train");
  const std::string in = "cd '" + files.string() + "' && tar --sort=name -cf ../data/train/", both = "0001.* 0002.*";
  run(in + "b.tar --format=gnu " + both);
  run(in + "a.tar --format=pax 0003.* " + deep + ".*");
  run(in + "c.tar --format=gnu " + deep + ".*");
  const auto source = open_source((folder.path() / "data").string(), Split::train);
  ASSERT_EQ(source->size(), 5);
  EXPECT_EQ(source->classes(), (std::vector<std::string>{"0", "1", "2"}));
  EXPECT_EQ(source->name(0), "train/a.tar/0003.webp");
  EXPECT_EQ(source->name(1), "train/a.tar/" + deep + ".jpg");
  EXPECT_EQ(source->name(4), "train/c.tar/" + deep + ".jpg");
  EXPECT_EQ(source->image(0, 3), decoded("lossy.webp"));
  EXPECT_EQ(source->image(2, 3), decoded("420.jpg"));
  EXPECT_EQ(source->target(2), 1);
  EXPECT_EQ(source->image(4, 3), decoded("444.jpg"));
}

TEST(TarSource, GarbageAndCutShardsAreErrors) {
  const TemporaryFolder folder;
  const fs::path shard = folder.path() / "train/a.tar";
  fs::create_directories(shard.parent_path());
  const auto message = [&] {
    return message_of<Error>([&] { open_source("tar:" + folder.path().string(), Split::train); });
  };
  run("cd '" + kFiles.string() + "' && tar -cf '" + shard.string() + "' rgb.png 420.jpg");
  EXPECT_NE(message().find("train/a.tar/rgb.png: has no class; expected rgb.cls beside it"), std::string::npos)
      << message();
  fs::resize_file(shard, 700);
  EXPECT_NE(message().find("train/a.tar: rgb.png is cut: 188 of its"), std::string::npos) << message();
  write(shard, std::string(2000, 'x'));
  EXPECT_NE(message().find("train/a.tar: no tar header at byte 0"), std::string::npos) << message();
}

TEST(LmdbSource, ReadsWhatOldPyarrowWrote) {
  for (const char* version : {"pyarrow-0.11", "pyarrow-0.17"}) {
    const auto source = open_source((kLmdb / version).string(), Split::train);
    ASSERT_EQ(source->size(), 12) << version;
    EXPECT_EQ(source->classes(), (std::vector<std::string>{"cat", "dog", "\u00e9t\u00e9"}));
    EXPECT_EQ(source->target(0), 1);
    EXPECT_EQ(source->target(2), 2);
    EXPECT_EQ(source->image(0, 3), decoded("420.jpg"));
    EXPECT_EQ(source->image(1, 3), decoded("rgb.png"));
    EXPECT_EQ(source->image(2, 3), decoded("lossy.webp"));
    EXPECT_EQ(source->image(11, 3), decoded("palette.png"));
    EXPECT_EQ(source->target(10), 1);
  }
}

TEST(LmdbSource, ADatabaseThatIsCutIsAnError) {
  const TemporaryFolder folder;
  fs::copy(kLmdb / "pyarrow-0.17/train.lmdb", folder.path() / "train.lmdb");
  const auto size = fs::file_size(folder.path() / "train.lmdb");
  fs::resize_file(folder.path() / "train.lmdb", size / 2);
  const std::string message = message_of<Error>([&] { open_source(folder.path().string(), Split::train); });
  EXPECT_NE(message.find("cut:"), std::string::npos) << message;
}

TEST(LmdbSource, ReadsWhatIsWritten) {
  const TemporaryFolder folder;
  const MadeUp source(700);
  for (const int threads : {1, 3}) {
    const fs::path out = folder / std::to_string(threads);
    EXPECT_EQ(write_lmdb(source, out, Split::train, {.threads = threads, .done = {}}).images, 700);
    const auto written = open_source(out.string(), Split::train);
    ASSERT_EQ(written->size(), 700);
    EXPECT_EQ(written->classes(), source.classes());
    for (std::int64_t i = 0; i < 700; i += 13) {
      EXPECT_EQ(written->image(i, 3), source.image(i, 3)) << i;
      EXPECT_EQ(written->target(i), source.target(i)) << i;
    }
  }
  EXPECT_EQ(read_file(folder / "1/train.lmdb"), read_file(folder / "3/train.lmdb"));
  const std::string message = message_of<Error>([&] { write_lmdb(source, folder / "1", Split::train, {}); });
  EXPECT_NE(message.find("is there already"), std::string::npos) << message;
  EXPECT_THROW(write_lmdb(MadeUp(9, {4}), folder / "bad", Split::train, {}), Error);
  EXPECT_FALSE(fs::exists(folder / "bad/train.lmdb"));
}

std::vector<std::string> told(const std::vector<Finding>& findings) {
  std::vector<std::string> lines;
  for (const Finding& each : findings) lines.push_back(format("{} {}", fault_name(each.fault), each.name));
  return lines;
}

TEST(Verify, FindsEveryKindOfFault) {
  const TemporaryFolder folder;
  const fs::path in = folder.path() / "train/a";
  fs::create_directories(in);
  fs::create_directories(folder.path() / "val/a");
  fs::copy(kFiles / "420.jpg", in / "1.jpg");
  fs::copy(kFiles / "420.jpg", in / "2.jpg");
  fs::copy(kFiles / "cmyk.jpg", in / "3.jpg");
  fs::copy(kFiles / "rgb.png", in / "4.jpg");
  write(in / "5.jpg", "");
  write(in / "6.jpg", read_text(kFiles / "444.jpg").substr(0, 900));
  write(in / "7.jpg", "no image");
  write(in / "8.png", std::string("\0\0\0\x1c", 4) + "ftypavif");
  fs::copy(kFiles / "lossy.webp", in / "9.webp");
  fs::copy(kFiles / "lossy.webp", folder.path() / "val/a/x.webp");
  const auto train = open_source(folder.path().string(), Split::train),
             val = open_source(folder.path().string(), Split::val);
  const std::vector<std::string> expected{
      "duplicate train/a/2.jpg", "cmyk train/a/3.jpg",    "extension train/a/4.jpg", "empty train/a/5.jpg",
      "truncated train/a/6.jpg", "corrupt train/a/7.jpg", "unfit train/a/8.png",     "leaked train/a/9.webp"};
  for (const int threads : {1, 3}) EXPECT_EQ(told(verify(*train, {.threads = threads, .other = val.get()})), expected);
  EXPECT_EQ(verify(*train, {.threads = 1}).size(), expected.size() - 1);
}

}  // namespace
}  // namespace springbok::data
