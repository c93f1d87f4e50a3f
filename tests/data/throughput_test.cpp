// Measuring sources: ratios hold, and the stage that is slow is named.
#include "springbok/data/load/throughput.h"

#include <gtest/gtest.h>

#include <thread>

#include "springbok/base/error.h"
#include "tests/data/support.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_folder.h"

namespace springbok::data {
namespace {

using testing::message_of;
using testing::TemporaryFolder;

/// Takes its time for every image.
class Slow : public MadeUp {
 public:
  using MadeUp::MadeUp;
  image::Image image(std::int64_t index, int channels) const override {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return MadeUp::image(index, channels);
  }
};

Contender contender(std::string name, std::unique_ptr<Source> source) {
  return {std::move(name), std::move(source), Transform({.size = 8}, Augment{})};
}

TEST(Throughput, ASlowSourceIsSlowInReading) {
  std::vector<Contender> contenders;
  contenders.push_back(contender("fast", std::make_unique<MadeUp>(5)));
  contenders.push_back(contender("slow", std::make_unique<Slow>(5)));
  std::vector<std::int64_t> done;
  const auto results = measure_throughput(
      std::move(contenders), {.seconds = 0.4, .turns = 2, .workers = 1, .batch = 4, .done = [&](std::int64_t turns) {
                                done.push_back(turns);
                              }});
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(done, (std::vector<std::int64_t>{1, 2, 3, 4}));
  EXPECT_EQ(results[0].name, "fast");
  EXPECT_EQ(results[0].ratio, 1);
  EXPECT_LT(results[1].ratio, 0.9);
  EXPECT_LE(results[1].images_per_second, 100);
  EXPECT_GE(results[1].images, 4);
  EXPECT_EQ(results[1].limit, Stage::read);
  EXPECT_GE(results[1].seconds_per_image(), 0.01);
}

TEST(Throughput, EncodedImagesAreReadThenDecoded) {
  const TemporaryFolder root;
  write_png(root / "train/cat/1.png", picture(200, 300, 3));
  for (const int workers : {0, 2}) {
    std::vector<Contender> contenders;
    contenders.push_back(contender("png", open_source(root.path().string(), Split::train)));
    auto results =
        measure_throughput(std::move(contenders), {.seconds = 0.1, .turns = 1, .workers = workers, .batch = 2});
    for (const Stage stage : {Stage::read, Stage::decode, Stage::resize, Stage::normalise}) {
      EXPECT_GT(results[0].per_image[stage], 0) << static_cast<int>(stage);
    }
    EXPECT_EQ(results[0].limit, Stage::decode);
  }
}

TEST(Throughput, BadImagesAreErrors) {
  std::vector<Contender> contenders;
  contenders.push_back(contender("bad", std::make_unique<MadeUp>(1, std::vector<std::int64_t>{0})));
  EXPECT_EQ(message_of<Error>([&] { measure_throughput(std::move(contenders), {.seconds = 0.1}); }),
            "made/0: is broken");
}

TEST(Throughput, ARepeatedSourceGoesRoundAndRound) {
  const auto source = repeated(std::make_unique<MadeUp>(3), 4);
  EXPECT_EQ(source->size(), 12);
  EXPECT_EQ(source->name(11), "made/2");
  EXPECT_EQ(source->target(3), 0);
  EXPECT_EQ(source->description(), "made up, 4 times");
}

}  // namespace
}  // namespace springbok::data
