// The loader: the same batches whatever the workers, resuming, stopping, and errors that arrive.
#include "springbok/data/load/loader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <memory>
#include <set>
#include <span>
#include <thread>

#include "springbok/base/error.h"
#include "tests/data/support.h"
#include "tests/support/message_of.h"

namespace springbok::data {
namespace {

using testing::message_of;

std::vector<Batch> drain(const Source& source, const LoaderSettings& settings,
                         const Transform& transform = training()) {
  Loader loader(source, transform, settings);
  std::vector<Batch> batches;
  while (auto batch = loader.next()) batches.push_back(std::move(*batch));
  EXPECT_FALSE(loader.next().has_value()) << "the end stays the end";
  return batches;
}

void expect_same(const std::vector<Batch>& left, const std::vector<Batch>& right) {
  ASSERT_EQ(left.size(), right.size());
  for (std::size_t i = 0; i < left.size(); ++i) {
    EXPECT_EQ(left[i].indices, right[i].indices) << "batch " << i;
    EXPECT_EQ(left[i].targets, right[i].targets) << "batch " << i;
    EXPECT_EQ(left[i].pixels, right[i].pixels) << "batch " << i;
  }
}

std::vector<std::int64_t> all_indices(const std::vector<Batch>& batches) {
  std::vector<std::int64_t> indices;
  for (const Batch& batch : batches) indices.insert(indices.end(), batch.indices.begin(), batch.indices.end());
  return indices;
}

TEST(Loader, SameBatchesForAnyNumberOfWorkers) {
  const MadeUp source(45);
  const LoaderSettings settings{.batch = 8, .workers = 0, .seed = 3, .epoch = 2, .shuffle = true};
  const std::vector<Batch> expected = drain(source, settings);
  ASSERT_EQ(expected.size(), 6U);
  EXPECT_EQ(expected.back().size, 5);
  for (const int workers : {1, 2, 7}) {
    for (const int prefetch : {0, 1, 4}) {
      LoaderSettings other = settings;
      other.workers = workers;
      other.prefetch = prefetch;
      expect_same(drain(source, other), expected);
    }
  }
}

// Everything that draws numbers, repeated augmentation too: workers, prefetching and the first batch change nothing.
TEST(Loader, AugmentedAndRepeatedBatchesAreTheSameForAnyWorkersAndOnResume) {
  const MadeUp source(22);
  for (const PolicyKind policy :
       {PolicyKind::imagenet, PolicyKind::rand, PolicyKind::trivial, PolicyKind::augmix, PolicyKind::toolbox_rand}) {
    const Transform transform(
        Preprocess{.size = 8},
        Augment{.brightness = 0.2, .rotation = 20, .policy = policy, .cutout = 3, .random_erasing = 0.5});
    LoaderSettings settings{.batch = 5, .workers = 0, .seed = 3, .epoch = 2, .shuffle = true, .repeats = 3};
    std::vector<Batch> expected = drain(source, settings, transform);
    ASSERT_EQ(expected.size(), 5U);
    settings.workers = 3;
    expect_same(drain(source, settings, transform), expected);
    settings.first_batch = 2;
    expected.erase(expected.begin(), expected.begin() + 2);
    expect_same(drain(source, settings, transform), expected);
  }
}

TEST(Loader, SkippedImagesAreLeftOutAndNamedForAnyWorkers) {
  const MadeUp whole(20), broken(20, {3, 4, 17});
  for (const int workers : {0, 1, 3}) {
    const LoaderSettings settings{.batch = 6, .workers = workers, .seed = 3, .skip_bad = true};
    Loader loader(broken, training(), settings);
    const std::vector<Batch> all = drain(whole, settings);
    std::vector<std::string> names;
    for (const Batch& expected : all) {
      const Batch batch = loader.next().value();
      std::size_t kept = 0;
      const std::size_t values = expected.pixels.size() / static_cast<std::size_t>(expected.size);
      for (std::size_t i = 0; i < expected.indices.size(); ++i) {
        const std::int64_t index = expected.indices[i];
        if (index == 3 || index == 4 || index == 17) continue;
        ASSERT_LT(kept, batch.indices.size());
        EXPECT_EQ(batch.indices[kept], index);
        EXPECT_EQ(batch.targets[kept], expected.targets[i]);
        EXPECT_TRUE(std::ranges::equal(std::span(batch.pixels).subspan(kept * values, values),
                                       std::span(expected.pixels).subspan(i * values, values)));
        ++kept;
      }
      EXPECT_EQ(batch.size, static_cast<std::int64_t>(kept));
      EXPECT_EQ(batch.pixels.size(), kept * values);
    }
    EXPECT_EQ(loader.skipped(),
              (std::vector<std::string>{"made/3: is broken", "made/4: is broken", "made/17: is broken"}));
  }
}

TEST(Loader, ABatchWithoutAnyGoodImageIsAnErrorEvenWhenSkipping) {
  const MadeUp source(4, {2, 3});
  Loader loader(source, training(), {.batch = 2, .workers = 1, .skip_bad = true});
  EXPECT_EQ(loader.next().value().size, 2);
  EXPECT_EQ(message_of<Error>([&] { loader.next(); }),
            "none of the 2 images of a batch can be loaded; the first: made/2: is broken");
}

TEST(Loader, RepeatedSamplesStandInARowAndDiffer) {
  const MadeUp source(12);
  const std::vector<Batch> batches =
      drain(source, {.batch = 12, .workers = 1, .seed = 1, .shuffle = true, .repeats = 3});
  ASSERT_EQ(batches.size(), 1U);
  const Batch& batch = batches.front();
  const std::size_t values = batch.pixels.size() / 12;
  const auto image = [&](std::size_t i) { return std::span(batch.pixels).subspan(i * values, values); };
  EXPECT_EQ(std::set(batch.indices.begin(), batch.indices.end()).size(), 4U);
  for (std::size_t i = 0; i < 12; i += 3) {
    EXPECT_EQ(batch.indices[i], batch.indices[i + 1]);
    EXPECT_EQ(batch.indices[i], batch.indices[i + 2]);
    EXPECT_FALSE(std::ranges::equal(image(i), image(i + 1)));
    EXPECT_FALSE(std::ranges::equal(image(i + 1), image(i + 2)));
  }
}

TEST(Loader, KeepsATransformThatItsCallerDoesNot) {
  const MadeUp source(5);
  const Transform evaluation(Preprocess{.size = 8});
  auto passing = std::make_unique<Transform>(evaluation);
  Loader loader(source, *passing, {.batch = 5});
  *passing = Transform(Preprocess{.size = 4, .channels = 1, .mean = {0}, .std = {1}});
  passing.reset();
  EXPECT_EQ(loader.next().value().pixels, drain(source, {.batch = 5}, evaluation).front().pixels);
}

TEST(Loader, BatchesHoldWhatTheTransformMakes) {
  const MadeUp source(5);
  const Transform evaluation(Preprocess{.size = 8});
  const std::vector<Batch> batches = drain(source, {.batch = 2}, evaluation);
  ASSERT_EQ(batches.size(), 3U);
  const Batch& batch = batches[1];
  EXPECT_EQ(batch.size, 2);
  EXPECT_EQ(batch.height, 8);
  EXPECT_EQ(batch.width, 8);
  EXPECT_EQ(batch.channels, 3);
  EXPECT_EQ(batch.indices, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(batch.targets, (std::vector<std::int64_t>{2, 0}));
  std::vector<float> expected(2 * 8 * 8 * 3);
  evaluation(source.image(2, 3), Rng(0, {}), expected.data());
  evaluation(source.image(3, 3), Rng(0, {}), expected.data() + 8 * 8 * 3);
  EXPECT_EQ(batch.pixels, expected);
}

TEST(Loader, ShufflesEachEpochAnewAndVisitsAllOnce) {
  const MadeUp source(50);
  const auto indices = [&](std::uint64_t seed, std::int64_t epoch) {
    return all_indices(drain(source, {.batch = 7, .seed = seed, .epoch = epoch, .shuffle = true}));
  };
  const auto first = indices(1, 0);
  EXPECT_EQ(std::set<std::int64_t>(first.begin(), first.end()).size(), 50U);
  EXPECT_EQ(first.size(), 50U);
  EXPECT_NE(indices(1, 1), first);
  EXPECT_NE(indices(2, 0), first);
  EXPECT_EQ(indices(1, 0), first);
}

TEST(Loader, AugmentationDependsOnTheSampleNotItsPlace) {
  const MadeUp source(20);
  const LoaderSettings settings{.batch = 20, .seed = 3, .epoch = 2};
  const Batch plain = drain(source, settings).front();
  LoaderSettings other = settings;
  other.batch = 6;
  other.shuffle = true;
  constexpr std::size_t kValues = 8 * 8 * 3;
  for (const Batch& batch : drain(source, other)) {
    for (std::size_t i = 0; i < batch.indices.size(); ++i) {
      const auto mine = std::span(batch.pixels).subspan(i * kValues, kValues);
      const auto same = std::span(plain.pixels).subspan(static_cast<std::size_t>(batch.indices[i]) * kValues, kValues);
      EXPECT_TRUE(std::ranges::equal(mine, same));
    }
  }
}

TEST(Loader, ResumesInTheMiddleOfAnEpoch) {
  const MadeUp source(45);
  LoaderSettings settings{.batch = 8, .workers = 2, .seed = 3, .epoch = 1, .shuffle = true};
  std::vector<Batch> whole = drain(source, settings);
  for (const std::int64_t first : {1, 4, 5}) {
    settings.first_batch = first;
    expect_same(drain(source, settings), {whole.begin() + first, whole.end()});
  }
  settings.first_batch = 6;
  EXPECT_TRUE(drain(source, settings).empty());
  settings.first_batch = 100;
  EXPECT_TRUE(drain(source, settings).empty());
}

TEST(Loader, LeavesOutTheLastBatchWhenAsked) {
  const MadeUp source(45);
  const std::vector<Batch> batches = drain(source, {.batch = 8, .drop_last = true});
  EXPECT_EQ(batches.size(), 5U);
  EXPECT_EQ(batches.back().size, 8);
  EXPECT_EQ(batches_per_epoch(45, 8, true), 5);
  EXPECT_EQ(batches_per_epoch(45, 8, false), 6);
  EXPECT_EQ(batches_per_epoch(48, 8, false), 6);
  EXPECT_EQ(batches_per_epoch(0, 8, false), 0);
}

TEST(Loader, ABatchLargerThanTheData) {
  const MadeUp source(5);
  const std::vector<Batch> batches = drain(source, {.batch = 32, .workers = 2});
  ASSERT_EQ(batches.size(), 1U);
  EXPECT_EQ(batches[0].size, 5);
  EXPECT_EQ(batches[0].pixels.size(), 5U * 8 * 8 * 3);
  EXPECT_EQ(
      message_of<Error>([&] { Loader(source, training(), {.batch = 32, .drop_last = true}); }),
      "a batch of 32 is more than the 5 images there are, and incomplete batches are dropped: nothing is left; use "
      "a smaller batch or keep the last one");
}

TEST(Loader, RefusesNothingToLoad) {
  const MadeUp none(0), one(1);
  EXPECT_EQ(message_of<Error>([&] { Loader(none, training(), {}); }), "no images to load (made up)");
  EXPECT_EQ(message_of<UsageError>([&] { Loader(one, training(), {.batch = 0}); }),
            "a batch has at least 1 image, not 0");
}

TEST(Loader, BadImagesAreReportedInTheirTurn) {
  const MadeUp source(40, {13, 10, 30});
  for (const int workers : {0, 1, 4}) {
    Loader loader(source, training(), {.batch = 8, .workers = workers});
    EXPECT_TRUE(loader.next().has_value());
    for (int again = 0; again < 2; ++again) {
      EXPECT_EQ(message_of<Error>([&] { loader.next(); }), "made/10: is broken") << workers << " workers";
    }
  }
}

TEST(Loader, ErrorsOfTheTransformNameTheSampleToo) {
  const Transform needs_large(Preprocess{.size = 14, .crop_ratio = 1}, Augment{.crop = Crop::pad, .pad = 0});
  const MadeUp source(3);
  Loader loader(source, needs_large, {.batch = 1, .workers = 1});
  const std::string message = message_of<Error>([&] { loader.next(); });
  EXPECT_TRUE(message.starts_with("made/0: an image of 10 x 12 padded by 0 is smaller")) << message;
}

/// Counts the images asked for, and holds them back until `open`.
class Gated : public MadeUp {
 public:
  using MadeUp::MadeUp;
  image::Image image(std::int64_t index, int channels) const override {
    ++asked;
    while (!open) std::this_thread::yield();
    return MadeUp::image(index, channels);
  }
  mutable std::atomic<int> asked{0};
  std::atomic<bool> open{true};
};

TEST(Loader, EarlyEndDoesNotHang) {
  const Gated source(1000);
  for (int round = 0; round < 20; ++round) {
    Loader loader(source, training(), {.batch = 4, .workers = 3});
    for (int i = 0; i < round % 3; ++i) loader.next();
  }
}

TEST(Loader, EarlyEndDoesNotFinishTheBatch) {
  constexpr std::int64_t kMany = 1'000'000;  // half a minute of work
  const Gated source(kMany);
  const Transform tiny(Preprocess{.size = 1});
  {
    Loader loader(source, tiny, {.batch = kMany, .workers = 3});
    while (source.asked < 3) std::this_thread::yield();
  }
  EXPECT_LT(source.asked, kMany);
}

TEST(Loader, WorkersShareABatch) {
  Gated source(64);
  source.open = false;
  Loader loader(source, training(), {.batch = 64, .workers = 4});
  while (source.asked < 4) std::this_thread::yield();  // ends only when all four work on the one batch
  source.open = true;
  EXPECT_EQ(loader.next()->size, 64);
}

TEST(Loader, LoadsNoFurtherAheadThanAllowed) {
  const Gated source(1000);
  Loader loader(source, training(), {.batch = 4, .workers = 3, .prefetch = 2});
  for (int taken = 0; taken < 3; ++taken) {
    const int most = 4 * (taken + 2);
    while (source.asked < most) std::this_thread::yield();
    for (int i = 0; i < 1000; ++i) std::this_thread::yield();
    EXPECT_EQ(source.asked, most);
    loader.next();
  }
}

TEST(Loader, MemoryGivenBackIsUsedAgain) {
  const MadeUp source(40);
  const std::vector<Batch> expected = drain(source, {.batch = 8});
  for (const int workers : {0, 2}) {
    Loader loader(source, training(), {.batch = 8, .workers = workers, .prefetch = 1});
    std::set<const float*> places;
    for (const Batch& batch : expected) {
      std::optional<Batch> mine = loader.next();
      EXPECT_EQ(mine->pixels, batch.pixels);
      places.insert(mine->pixels.data());
      loader.recycle(std::move(*mine));
    }
    EXPECT_LE(places.size(), 3U);
  }
}

/// Is asked for one sample at a time only in the caller's thread when there are no workers.
class TellsDenormals : public MadeUp {
 public:
  using MadeUp::MadeUp;
  image::Image image(std::int64_t index, int channels) const override {
    volatile double smallest = std::numeric_limits<double>::min();
    if (smallest / 2 != 0) kept = true;
    return MadeUp::image(index, channels);
  }
  mutable std::atomic<bool> kept{false};
};

TEST(Loader, WorkersFlushDenormals) {
  const TellsDenormals source(10);
  drain(source, {.batch = 4, .workers = 2});
  EXPECT_FALSE(source.kept);
}

TEST(Loader, CountsTheTimeWaited) {
  Gated source(8);
  source.open = false;
  Loader loader(source, training(), {.batch = 8, .workers = 1});
  EXPECT_EQ(loader.waited(), 0);
  std::jthread opener([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    source.open = true;
  });
  loader.next();
  EXPECT_GT(loader.waited(), 0.001);
}

TEST(Loader, StartsInTheMiddleOfAHugeEpoch) {
  const MadeUp source(std::numeric_limits<std::int64_t>::max() / 2);
  Loader loader(source, training(), {.batch = 2, .first_batch = 1'000'000'000'000, .shuffle = true});
  EXPECT_EQ(loader.next()->size, 2);
}

}  // namespace
}  // namespace springbok::data
