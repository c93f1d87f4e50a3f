// The index of tar shards: opened from it, a set equals what its headers say, whatever happened in between.
#include <gtest/gtest.h>
#include <unistd.h>

#include "springbok/data/shards/shard_samples.h"
#include "tests/data/shard_server.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/with_variable.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;
using testing::TemporaryFolder;
using testing::WithVariable;

/// Five shards of four pictures, and a cache of the test's own.
class ShardIndex : public ::testing::Test {
 protected:
  ShardIndex() {
    make_shards(folder_.path());
    write_file(folder_ / "train/shards.txt", "{00..04}.tar\n");
  }

  TemporaryFolder folder_, cache_;
  WithVariable variable_{"SPRINGBOK_CACHE", cache_.path().string()}, rescan_{"SPRINGBOK_RESCAN", std::nullopt};
};

/// How the shards at `url` were looked at this time.
IndexLook looked_at(const std::string& url, bool rescan = false) {
  IndexLook look;
  open_source(url, Split::train, {.rescan = rescan, .looked = [&](const IndexLook& seen) { look = seen; }});
  return look;
}

TEST_F(ShardIndex, OpensShardsOfAServerASecondTime) {
  const ShardServer server(folder_.path(), "good");
  const auto first = open_source(server.url(), Split::train);
  const IndexLook again = looked_at(server.url());
  EXPECT_EQ(again.listed, 0);
  EXPECT_EQ(again.known, 5);
  EXPECT_TRUE(fs::exists(again.index));
  expect_same(*open_source(server.url(), Split::train), *first);
  EXPECT_EQ(looked_at(server.url(), /*rescan=*/true).listed, 5);
  fs::copy_file(folder_ / "train/00.tar", folder_ / "train/03.tar", fs::copy_options::overwrite_existing);
  EXPECT_EQ(looked_at(server.url()).listed, 1);
  EXPECT_EQ(open_source(server.url(), Split::train)->name(12), "train/03.tar/./100.png");
  write_file(again.index, "spoilt");
  EXPECT_EQ(looked_at(server.url()).listed, 5);
}

TEST_F(ShardIndex, HoldsNoFilesWithoutVersions) {
  const ShardServer server(folder_.path(), "unversioned");
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(looked_at(server.url()).listed, 5);
    EXPECT_TRUE(looked_at(server.url()).index.empty());
  }
}

TEST_F(ShardIndex, HoldsLocalShardsThatAreManyAndSettled) {
  const auto look = [&](std::int64_t least = 1) {
    return indexed_shards(*local_shards(folder_.path(), Split::train), folder_ / "train", {.least_samples = least});
  };
  EXPECT_EQ(look().read, 5);  // too young
  EXPECT_EQ(look().read, 5);
  ::usleep(2'100'000);
  EXPECT_EQ(look(21).read, 5);
  EXPECT_TRUE(look(21).index.empty());
  const IndexedShards first = look(), second = look();
  EXPECT_EQ(first.read, 5);
  EXPECT_EQ(second.read, 0);
  ASSERT_EQ(second.shards.size(), 5U);
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(second.shards[i].labels, first.shards[i].labels);
    ASSERT_EQ(second.shards[i].images.size(), 4U);
    for (std::size_t j = 0; j < 4; ++j) {
      EXPECT_EQ(second.shards[i].images[j].name, first.shards[i].images[j].name);
      EXPECT_EQ(second.shards[i].images[j].at, first.shards[i].images[j].at);
      EXPECT_EQ(second.shards[i].images[j].size, first.shards[i].images[j].size);
    }
  }
  fs::rename(folder_ / "train/00.tar", folder_ / "train/05.tar");
  EXPECT_EQ(look().read, 1);
  const WithVariable asked("SPRINGBOK_RESCAN", "1");
  EXPECT_EQ(look().read, 5);
}

}  // namespace
}  // namespace springbok::data
