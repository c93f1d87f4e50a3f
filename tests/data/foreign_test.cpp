// Sources, settings, threads and processes of a caller's own: each mistake is one Error, and nothing hangs.
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <stdexcept>
#include <thread>

#include "springbok/base/error.h"
#include "springbok/data/load/loader.h"
#include "springbok/data/load/mix.h"
#include "tests/data/support.h"
#include "tests/support/in_a_child.h"
#include "tests/support/message_of.h"

namespace springbok::data {
namespace {

using testing::in_a_child;
using testing::message_of;

/// A caller's source whose sample 3 does something of its own.
class Foreign : public MadeUp {
 public:
  explicit Foreign(std::function<image::Image()> third) : MadeUp(8), third_(std::move(third)) {}
  image::Image image(std::int64_t index, int channels) const override {
    return index == 3 ? third_() : MadeUp::image(index, channels);
  }

 private:
  std::function<image::Image()> third_;
};

std::vector<std::int64_t> drained(Loader& loader) {
  std::vector<std::int64_t> indices;
  while (const auto batch = loader.next()) indices.insert(indices.end(), batch->indices.begin(), batch->indices.end());
  return indices;
}

TEST(Foreign, WhateverASourceThrowsNamesTheSampleAndCanBeSkipped) {
  const std::pair<std::function<image::Image()>, const char*> cases[] = {
      {[]() -> image::Image { throw std::runtime_error("the cable is out"); }, "made/3: the cable is out"},
      {[]() -> image::Image { throw std::out_of_range("at"); }, "made/3: at"},
      {[]() -> image::Image { throw 5; }, "made/3: its source threw what is no std::exception"},
      {[] { return picture(9, 9, 1); },
       "made/3: the image has 1 channels, the preprocessing takes 3; decode it so, or image::to_channels"},
      {[] { return picture(9, 9, 4); },
       "made/3: the image has 4 channels, the preprocessing takes 3; decode it so, or image::to_channels"},
      {[] {
         image::Image image = picture(9, 9, 3);
         image.pixels.resize(10);
         return image;
       },
       "made/3: a transform: an image of 9 x 9 and 3 channels has 243 bytes of pixels, got 10"},
  };
  for (const auto& [third, says] : cases) {
    const Foreign source(third);
    for (const int workers : {0, 2}) {
      Loader strict(source, training(), {.batch = 4, .workers = workers});
      EXPECT_EQ(message_of<Error>([&] { drained(strict); }), says);
      Loader lenient(source, training(), {.batch = 4, .workers = workers, .skip_bad = true});
      EXPECT_EQ(drained(lenient), (std::vector<std::int64_t>{0, 1, 2, 4, 5, 6, 7}));
      EXPECT_EQ(lenient.skipped(), std::vector<std::string>{says});
    }
  }
}

class WrongTarget : public MadeUp {
 public:
  using MadeUp::MadeUp;
  std::int64_t target(std::int64_t index) const override { return index == 2 ? 5000 : index % 3; }
  void expect(std::int64_t) const override { throw std::runtime_error("no hints"); }
};

TEST(Foreign, ATargetIsAClassOfItsSource) {
  const WrongTarget source(4);
  Loader loader(source, training(), {.batch = 4});
  EXPECT_EQ(message_of<Error>([&] { loader.next(); }), "made/2: its class 5000 is none of the 3 classes");
}

TEST(Foreign, SettingsAreChecked) {
  const MadeUp source(4);
  const auto says = [&](const LoaderSettings& settings) {
    return message_of<UsageError>([&] { Loader(source, training(), settings); });
  };
  EXPECT_EQ(says({.batch = 0}), "a batch has at least 1 image, not 0");
  EXPECT_EQ(says({.batch = std::int64_t{1} << 60}),
            "loader: batch: must be between 1 and 1000000000, got 1152921504606846976");
  EXPECT_EQ(says({.workers = -1}), "loader: workers: must be between 0 and 1024, got -1");
  EXPECT_EQ(says({.workers = 1 << 20}), "loader: workers: must be between 0 and 1024, got 1048576");
  EXPECT_EQ(says({.epoch = -1}), "loader: epoch: must be between 0 and 9007199254740992, got -1");
  EXPECT_EQ(says({.first_batch = -1}), "loader: first_batch: must be between 0 and 9007199254740992, got -1");
  EXPECT_EQ(says({.repeats = 0}), "loader: repeats: must be between 1 and 1000000000, got 0");
  EXPECT_EQ(says({.shuffle_buffer = -1}), "loader: shuffle_buffer: must be between 0 and 9007199254740992, got -1");
  EXPECT_EQ(says({.prefetch = -1}), "loader: prefetch: must be between 0 and 1048576, got -1");
  EXPECT_EQ(says({.batch = 4, .mix_over = 3}), "mix_over: must be a multiple of the batch of 4, got 3");
  EXPECT_EQ(says({.rank = 2, .ranks = 2}), "rank: must be between 0 and one below the 2 ranks, got 2");
  EXPECT_EQ(message_of<Error>([] { batches_per_epoch(4, 0, false); }), "4 samples do not make batches of 0");
  EXPECT_THROW(limited(std::make_unique<MadeUp>(4), -1), Error);
  EXPECT_THROW(repeated(std::make_unique<MadeUp>(4), std::int64_t{1} << 62), Error);
  Batch torn{.size = 3, .height = 2, .width = 2, .channels = 3, .pixels = {1, 2}, .targets = {0, 1, 2}, .indices = {}};
  EXPECT_THROW(mix(torn, {.share = 0.5}), Error);
}

/// Any number of threads may take batches; together they have each once.
TEST(Foreign, SeveralConsumersShareTheBatches) {
  const MadeUp source(200);
  for (const int workers : {0, 3}) {
    Loader loader(source, training(), {.batch = 3, .workers = workers});
    std::mutex mutex;
    std::multiset<std::int64_t> seen;
    {
      std::vector<std::jthread> consumers;
      for (int i = 0; i < 4; ++i) {
        consumers.emplace_back([&] {
          while (auto batch = loader.next()) {
            const std::lock_guard lock(mutex);
            seen.insert(batch->indices.begin(), batch->indices.end());
            loader.recycle(std::move(*batch));
          }
        });
      }
    }
    EXPECT_EQ(seen.size(), 200U);
    EXPECT_EQ(std::set(seen.begin(), seen.end()).size(), 200U);
  }
}

TEST(Foreign, AForkedChildIsToldAndCanMakeALoaderOfItsOwn) {
  const MadeUp source(40);
  auto loader = std::make_unique<Loader>(source, training(), LoaderSettings{.batch = 4, .workers = 2});
  ASSERT_TRUE(loader->next().has_value());
  const int code = in_a_child([&] {
    const std::string message = message_of<Error>([&] { loader->next(); });
    if (message != "a loader: made before a fork, and its threads stayed in the parent; make a new one in the child") {
      return 1;
    }
    loader.reset();
    Loader own(source, training(), {.batch = 4, .workers = 2});
    return drained(own).size() == 40 ? 0 : 2;
  });
  EXPECT_EQ(code, 0);
  EXPECT_EQ(drained(*loader).size(), 36U) << "the parent goes on";
}

}  // namespace
}  // namespace springbok::data
