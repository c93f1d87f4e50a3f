// Shards on a server: the same samples as from a disk, whatever the connection does, or one clear error.
#include <gtest/gtest.h>

#include <set>

#include "springbok/data/load/loader.h"
#include "springbok/data/shards/http_file.h"
#include "springbok/data/shards/shard_names.h"
#include "tests/data/shard_server.h"
#include "tests/data/support.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/with_variable.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;
using testing::message_of;
using testing::TemporaryFolder;
using testing::WithVariable;

/// A cache of each test's own.
class NetShards : public ::testing::Test {
  TemporaryFolder cache_;
  WithVariable variable_{"SPRINGBOK_CACHE", cache_.path().string()}, rescan_{"SPRINGBOK_RESCAN", std::nullopt};
};

TEST_F(NetShards, AreTheSamplesOfTheDisk) {
  const TemporaryFolder folder;
  make_shards(folder.path());
  const auto disk = open_source(folder.path().string(), Split::train);
  write_file(folder.path() / "train/shards.txt", "{00..04}.tar\n");
  for (const char* mode : {"good", "cut"}) {
    const ShardServer server(folder.path(), mode);
    const auto net = open_source(server.url(), Split::train);
    expect_same(*net, *disk);
    EXPECT_GT(net->shuffle_buffer(), 0);
  }
  EXPECT_EQ(disk->shuffle_buffer(), 0);
}

TEST_F(NetShards, MayBeListedInAFolderOfThisMachine) {
  const TemporaryFolder folder, here;
  make_shards(folder.path());
  const ShardServer server(folder.path(), "good");
  fs::create_directories(here.path() / "train");
  write_file(here.path() / "train/shards.txt",
             server.url() + "/train/{00..01}.tar\r\n\n" + server.url() + "/train/04.tar?key=1\n");
  const auto source = open_source(here.path().string(), Split::train);
  ASSERT_EQ(source->size(), 12);
  EXPECT_EQ(source->name(11), "train/04.tar/./119.png");
}

TEST_F(NetShards, WhatGoesWrongIsSaid) {
  const TemporaryFolder folder;
  make_shards(folder.path());
  const auto open = [](const std::string& url) { return message_of<Error>([&] { open_source(url, Split::train); }); };
  {
    const ShardServer server(folder.path(), "good");
    EXPECT_EQ(open("tar:" + server.url()),
              server.url() + "/train/shards.txt: lists no shards; write one name or address a line");
    write_file(folder.path() / "train/shards.txt", "00.tar\n09.tar\n");
    EXPECT_EQ(open(server.url() + "/"), server.url() + "/train/09.tar: the server answers 404");
    EXPECT_NE(open("pack:" + server.url()).find("over the net tar shards are read"), std::string::npos);
  }
  write_file(folder.path() / "train/shards.txt", "00.tar\n");
  {
    const ShardServer server(folder.path(), "whole");
    EXPECT_EQ(open(server.url()), server.url() +
                                      "/train/00.tar: the server does not answer range requests; copy the shards to a "
                                      "disk");
  }
  const ShardServer server(folder.path(), "changed");
  const HttpFile file(server.url() + "/train/00.tar");
  std::vector<std::byte> room(100);
  for (int i = 0; i < 3; ++i) file.read(0, room);
  EXPECT_EQ(message_of<Error>([&] { file.read(0, room); }), file.url() + ": changed on the server while it was read");
  EXPECT_NE(open("http://127.0.0.1:1/data").find("http://127.0.0.1:1/data/train/shards.txt: "), std::string::npos);
}

/// A server that has too much to do is asked again, later.
TEST_F(NetShards, BusyServersAreTriedAgain) {
  const TemporaryFolder folder;
  make_shards(folder.path());
  const auto disk = open_source(folder.path().string(), Split::train);
  write_file(folder.path() / "train/shards.txt", "{00..04}.tar\n");
  {
    const ShardServer server(folder.path(), "busy");
    expect_same(*open_source(server.url(), Split::train), *disk);
  }
  EXPECT_NE(read_text(folder / "answers").find("/train/04.tar busy"), std::string::npos);
  {
    const ShardServer server(folder.path(), "down");
    const HttpFile file(server.url() + "/train/00.tar", 30, 0.01);
    std::vector<std::byte> room(100);
    const std::string message = message_of<Error>([&] { file.read(512, room); });
    EXPECT_TRUE(message.starts_with(file.url() + ": the server answers ")) << message;
    EXPECT_TRUE(message.ends_with(format(" (at byte 512 of {}), 5 times", file.size()))) << message;
  }
  const ShardServer server(folder.path(), "later");
  EXPECT_EQ(message_of<Error>([&] { read_url(server.url() + "/train/shards.txt"); }),
            server.url() + "/train/shards.txt: the server answers 503, and asks to be left alone for 3600 seconds");
}

TEST_F(NetShards, CompressedShardsAreNamed) {
  const TemporaryFolder folder;
  make_shards(folder.path());
  ASSERT_EQ(std::system(("gzip '" + (folder / "train/03.tar").string() + "'").c_str()), 0);
  write_file(folder.path() / "train/shards.txt", "00.tar\n03.tar.gz\n");
  const ShardServer server(folder.path(), "good");
  EXPECT_EQ(message_of<Error>([&] { open_source(server.url(), Split::train); }).substr(0, 40),
            "train/03.tar.gz: is compressed (gzip), s");
}

TEST_F(NetShards, ListsOfTooManyShardsAndShardsListedTwiceAreErrors) {
  const TemporaryFolder folder;
  make_folder(folder / "train");
  const auto message = [&](const std::string& list) {
    write_file(folder / "train/shards.txt", list);
    return message_of<Error>([&] { open_source(folder.path().string(), Split::train); });
  };
  const std::string file = (folder / "train/shards.txt").string();
  EXPECT_EQ(message("http://h/{0..600000}\nhttp://h/a{0..600000}\n"),
            file + ": lists more than 1,000,000 shards, or 268.4 MB of names; list fewer");
  EXPECT_EQ(message("http://h/1.tar\nhttp://h/{0..2}.tar\n"),
            file + ": lists http://h/1.tar twice; name each shard once");
}

TEST(ShardRanges, AreExpanded) {
  EXPECT_EQ(expand_ranges("a.tar"), std::vector<std::string>{"a.tar"});
  EXPECT_EQ(expand_ranges("a{08..11}.tar"), (std::vector<std::string>{"a08.tar", "a09.tar", "a10.tar", "a11.tar"}));
  EXPECT_EQ(expand_ranges("{1..2}/{0..1}"), (std::vector<std::string>{"1/0", "1/1", "2/0", "2/1"}));
  for (const char* wrong : {"a{3..1}", "a{x..2}", "a{1-2}", "a{1..2", "{1..99999999999999999999}", "{..2}", "{}"}) {
    EXPECT_EQ(message_of<Error>([&] { expand_ranges(wrong); }),
              std::string(wrong) + ": expected a range such as {000..127} in the braces");
  }
  EXPECT_EQ(expand_ranges("{18446744073709551614..18446744073709551615}").back(), "18446744073709551615");
  EXPECT_EQ(expand_ranges("{0..999}{0..999}").size(), 1'000'000U);
  for (const char* many :
       {"{0..18446744073709551615}", "{1..18446744073709551615}", "{0..1000000}", "{0..999}{0..1000}",
        "{0..9}{0..99}{0..99}{0..99}", "{0..99999}{0..99999}{0..99999}{0..99999}"}) {
    EXPECT_EQ(
        message_of<Error>([&] { expand_ranges(many); }),
        std::string(many) +
            ": stands for more shards than a list may have, which is 1,000,000 and 268.4 MB of names; name fewer");
  }
  EXPECT_NE(message_of<Error>([&] { expand_ranges(std::string(10'000, 'a') + "{0..99999}"); }), "");
}

/// MadeUp in shards.
class Sharded : public MadeUp {
 public:
  explicit Sharded(std::vector<std::int64_t> ends) : MadeUp(ends.back()), ends_(std::move(ends)) {}
  std::span<const std::int64_t> shards() const override { return ends_; }

 private:
  std::vector<std::int64_t> ends_;
};

std::vector<std::int64_t> drawn(const Source& source, const LoaderSettings& settings) {
  Loader loader(source, Transform(Preprocess{.size = 8}, Augment{}), settings);
  std::vector<std::int64_t> indices;
  while (const auto batch = loader.next()) indices.insert(indices.end(), batch->indices.begin(), batch->indices.end());
  return indices;
}

TEST(ShuffleBuffer, MixesNeighboursOfShardsInRandomOrder) {
  const Sharded source({10, 10, 40, 100});
  LoaderSettings settings{.batch = 7, .seed = 5, .shuffle = true, .shuffle_buffer = 8};
  const std::vector<std::int64_t> all = drawn(source, settings);
  EXPECT_EQ(std::set<std::int64_t>(all.begin(), all.end()).size(), 100U);
  EXPECT_EQ(all.size(), 100U);
  // Within a buffer's length of a position only one shard is read, or two where one ends.
  const auto shard = [](std::int64_t i) { return i < 10 ? 0 : i < 40 ? 2 : 3; };
  int changes = 0;
  for (std::size_t i = 8; i < all.size(); i += 8) {
    std::set<int> near;
    for (std::size_t j = i - 8; j < i; ++j) near.insert(shard(all[j]));
    EXPECT_LE(near.size(), 2U);
    changes += near.size() == 2;
  }
  EXPECT_LE(changes, 2);
  settings.epoch = 1;
  EXPECT_NE(drawn(source, settings), all);
  settings.epoch = 0;
  settings.workers = 3;
  settings.first_batch = 5;
  EXPECT_EQ(drawn(source, settings), std::vector<std::int64_t>(all.begin() + 35, all.end()));
  settings.shuffle_buffer = 1;
  settings.first_batch = 0;
  const std::vector<std::int64_t> unmixed = drawn(source, settings);
  for (std::size_t i = 1; i < unmixed.size(); ++i) {
    EXPECT_TRUE(unmixed[i] == unmixed[i - 1] + 1 || shard(unmixed[i]) != shard(unmixed[i - 1])) << i;
  }
  EXPECT_NE(message_of<UsageError>([&] {
              drawn(MadeUp(9), {.shuffle = true, .shuffle_buffer = 4});
            }).find("a shuffle buffer is for sources of shards"),
            std::string::npos);
}

}  // namespace
}  // namespace springbok::data
