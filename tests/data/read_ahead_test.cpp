// Reading ahead: the loader says what comes, and sources begin to fetch it.
#include <gtest/gtest.h>

#include <mutex>
#include <set>

#include "springbok/data/load/loader.h"
#include "springbok/data/shards/block_cache.h"
#include "tests/data/shard_server.h"
#include "tests/support/temporary_folder.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;
using testing::TemporaryFolder;

/// Notes which samples were announced before they were loaded.
class Announced : public MadeUp {
 public:
  using MadeUp::MadeUp;
  void expect(std::int64_t index) const override {
    const std::lock_guard lock(mutex_);
    EXPECT_TRUE(expected_.insert(index).second) << index << " twice";
  }
  image::Image image(std::int64_t index, int channels) const override {
    {
      const std::lock_guard lock(mutex_);
      EXPECT_TRUE(expected_.contains(index)) << index;
    }
    return MadeUp::image(index, channels);
  }
  std::size_t count() const { return expected_.size(); }

 private:
  mutable std::mutex mutex_;
  mutable std::set<std::int64_t> expected_;
};

TEST(ReadAhead, AnnouncesEachSampleBeforeItIsLoaded) {
  for (const int workers : {0, 1, 3}) {
    const Announced whole(300), rest(300), few(5);
    for (LoaderSettings settings{.batch = 16, .workers = workers, .seed = 3, .shuffle = true, .drop_last = true};
         const auto& [source, first] : {std::pair{&whole, 0}, {&rest, 10}}) {
      settings.first_batch = first;
      Loader loader(*source, Transform(Preprocess{.size = 8}, Augment{}), settings);
      while (loader.next()) {
      }
      EXPECT_EQ(source->count(), static_cast<std::size_t>((300 / 16 - first) * 16));
    }
    Loader loader(few, Transform(Preprocess{.size = 8}, Augment{}), {.batch = 16, .workers = workers});
    loader.next();
    EXPECT_EQ(few.count(), 5U);
  }
}

std::string answers(const fs::path& folder) {
  return fs::exists(folder / "answers") ? read_text(folder / "answers") : "";
}

TEST(BlockCache, FetchesWhatIsExpectedOnce) {
  const TemporaryFolder folder;
  write_file(folder / "file", std::string(1000, 'a') + std::string(1000, 'b') + std::string(500, 'c'));
  const ShardServer server(folder.path(), "good");
  const HttpFile file(server.url() + "/file");
  BlockCache cache(1000, 8);
  cache.expect(0, file, 1500, 1000);
  const std::string fetched = "/file bytes=2000-2499";
  for (int tries = 0; tries < 300 && answers(folder.path()).find(fetched) == std::string::npos; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_NE(answers(folder.path()).find(fetched), std::string::npos);  // nobody has read it yet
  std::vector<std::byte> room(2500);
  cache.read(0, file, 0, room);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(room.data()), room.size()), read_text(folder / "file"));
  const std::string all = answers(folder.path());
  EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 4) << all;  // the size, and three blocks
}

TEST(BlockCache, ExpectingMoreThanItHoldsLosesNothing) {
  const TemporaryFolder folder;
  std::string content;
  for (int i = 0; i < 5000; ++i) content += static_cast<char>(i * 7 % 251);
  write_file(folder / "file", content);
  const ShardServer server(folder.path(), "cut");
  const HttpFile file(server.url() + "/file");
  BlockCache cache(100, 4);
  for (std::uint64_t at = 0; at < 5000; at += 130) {
    const std::size_t size = std::min<std::uint64_t>(130, 5000 - at);
    cache.expect(0, file, (at + 2000) % 4500, 400);
    std::vector<std::byte> room(size);
    cache.read(0, file, at, room);
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(room.data()), size), content.substr(at, size));
  }
}

TEST(BlockCache, EndsAtOnceWhereAServerSaysNothing) {
  const TemporaryFolder folder;
  write_file(folder / "file", std::string(5000, 'x'));
  const ShardServer server(folder.path(), "stall");
  const HttpFile file(server.url() + "/file");
  const auto began = std::chrono::steady_clock::now();
  {
    BlockCache cache(100, 16);
    cache.expect(0, file, 0, 400);
    std::this_thread::sleep_for(std::chrono::milliseconds(300));  // until they are waiting
  }
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(15));  // its patience is 30 s
}

}  // namespace
}  // namespace springbok::data
