// Shares of batches: whatever the ranks and however a step's images are split, they are the same images, drawn the same
// way and mixed with the same neighbours.
#include "springbok/data/load/share.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "springbok/base/error.h"
#include "springbok/data/load/mix.h"
#include "tests/data/support.h"
#include "tests/support/message_of.h"

namespace springbok::data {
namespace {

using testing::message_of;

/// What a loader gave, batch after batch, and what its images were mixed with.
struct Epoch {
  std::vector<std::int64_t> indices, targets, partners;
  std::vector<float> pixels;
  std::vector<std::int64_t> sizes;  ///< of the batches
  bool operator==(const Epoch&) const = default;

  void add(const Batch& batch, const std::vector<std::int64_t>& mixed_with = {}) {
    indices.insert(indices.end(), batch.indices.begin(), batch.indices.end());
    targets.insert(targets.end(), batch.targets.begin(), batch.targets.end());
    pixels.insert(pixels.end(), batch.pixels.begin(), batch.pixels.end());
    partners.insert(partners.end(), mixed_with.begin(), mixed_with.end());
  }
};

/// One loader a rank, side by side as the ranks of a run are; each batch's shares one after the other.
Epoch of_ranks(const Source& source, LoaderSettings settings, int ranks, const MixChoice* mixed = nullptr) {
  settings.ranks = ranks;
  std::vector<std::unique_ptr<Loader>> loaders;
  for (settings.rank = 0; settings.rank < ranks; ++settings.rank) {
    loaders.push_back(std::make_unique<Loader>(source, training(), settings));
  }
  Epoch epoch;
  while (true) {
    std::size_t ended = 0;
    std::int64_t size = 0;
    for (const auto& loader : loaders) {
      std::optional<Batch> batch = loader->next();
      if (!batch) {
        ++ended;
        continue;
      }
      EXPECT_EQ(batch->height, 8) << "also where there is no image";
      size += batch->size;
      epoch.add(*batch, mixed != nullptr ? mix(*batch, *mixed) : std::vector<std::int64_t>{});
      loader->recycle(std::move(*batch));
    }
    EXPECT_TRUE(ended == 0 || ended == loaders.size()) << "all ranks have the same number of batches";
    if (ended > 0) return epoch;
    epoch.sizes.push_back(size);
  }
}

LoaderSettings shuffled(std::int64_t batch) {
  return {.batch = batch, .workers = 2, .seed = 3, .epoch = 2, .shuffle = true};
}

TEST(Share, BatchesAreTheSameForAnyNumberOfRanks) {
  const MadeUp source(41);  // the last batch has one image: most ranks have none of it
  for (const int workers : {0, 2}) {
    LoaderSettings settings = shuffled(8);
    settings.workers = workers;
    settings.repeats = 2;
    const Epoch expected = of_ranks(source, settings, 1);
    EXPECT_EQ(expected.sizes, (std::vector<std::int64_t>{8, 8, 8, 8, 8, 1}));
    for (const int ranks : {2, 3, 5, 8}) EXPECT_EQ(of_ranks(source, settings, ranks), expected) << ranks << " ranks";
    settings.drop_last = true;
    EXPECT_EQ(of_ranks(source, settings, 3), of_ranks(source, settings, 1));
  }
}

TEST(Share, AnEpochIsTheSameForAnySplitIntoBatches) {
  const MadeUp source(41);
  const Epoch expected = of_ranks(source, shuffled(12), 1);
  for (const std::int64_t batch : {1, 3, 4, 6, 41}) {
    Epoch split = of_ranks(source, shuffled(batch), 1);
    split.sizes = expected.sizes;
    EXPECT_EQ(split, expected) << "batches of " << batch;
  }
}

TEST(Share, RanksGoOnInTheMiddleOfAnEpoch) {
  const MadeUp source(41);
  LoaderSettings settings = shuffled(8);
  settings.first_batch = 3;
  const Epoch expected = of_ranks(source, settings, 1);
  EXPECT_EQ(expected.sizes, (std::vector<std::int64_t>{8, 8, 1}));
  EXPECT_EQ(of_ranks(source, settings, 4), expected);
}

TEST(Share, ImagesAreMixedWithTheSameNeighboursForAnyRanksAndSplits) {
  const MadeUp source(41);
  const MixChoice blended{.share = 0.7}, pasted{.share = 0.75, .box = image::Region{1, 2, 4, 4}};
  for (const MixChoice& choice : {blended, pasted}) {
    LoaderSettings settings = shuffled(12);  // steps of 12, 12, 12 and 5 images
    settings.mix_over = 12;
    const Epoch expected = of_ranks(source, settings, 1, &choice);
    for (const int ranks : {1, 2, 3, 5}) {
      for (const std::int64_t batch : {12, 6}) {
        settings.batch = batch;
        Epoch split = of_ranks(source, settings, ranks, &choice);
        split.sizes = expected.sizes;
        EXPECT_EQ(split, expected) << ranks << " ranks, batches of " << batch;
      }
    }
  }
}

/// Rank 1 of 3 has images 2 and 3 of each batch of 6; those left out are counted.
TEST(Share, KnowsWhereItStandsInTheEpoch) {
  const MadeUp source(20, {3, 4, 5, 17});
  Loader loader(source, training(), {.batch = 6, .rank = 1, .ranks = 3, .workers = 1, .skip_bad = true});
  std::vector<std::int64_t> firsts;
  while (const auto batch = loader.next()) firsts.push_back(batch->first);
  EXPECT_EQ(firsts, (std::vector<std::int64_t>{2, 8, 14, 18}));
}

TEST(Share, AWholeBatchNeedsNoNeighbourFromOutside) {
  const MadeUp source(10);
  Loader loader(source, training(), {.batch = 5, .mix_over = 5});
  while (const auto batch = loader.next()) EXPECT_TRUE(batch->previous.empty());
}

TEST(Share, RanksSkipTheSameImages) {
  const MadeUp source(20, {3, 4, 5, 17});
  LoaderSettings settings{.batch = 6, .workers = 1, .seed = 3, .skip_bad = true};
  const Epoch expected = of_ranks(source, settings, 1);
  EXPECT_EQ(expected.indices.size(), 16U);
  EXPECT_EQ(of_ranks(source, settings, 3), expected);  // of the first batch all of the last rank's images are bad
  settings.ranks = 3;
  std::vector<std::string> skipped;
  for (settings.rank = 0; settings.rank < 3; ++settings.rank) {
    Loader loader(source, training(), settings);
    while (loader.next()) {
    }
    skipped.insert(skipped.end(), loader.skipped().begin(), loader.skipped().end());
  }
  std::sort(skipped.begin(), skipped.end());
  EXPECT_EQ(skipped, (std::vector<std::string>{"made/17: is broken", "made/3: is broken", "made/4: is broken",
                                               "made/5: is broken"}));
}

TEST(Share, ANeighbourThatCannotBeLoadedIsNamedOnceAndReplaced) {
  const MadeUp source(4, {1});
  const LoaderSettings settings{.batch = 4, .rank = 1, .ranks = 2, .workers = 1, .mix_over = 4, .skip_bad = true};
  Loader loader(source, training(), settings);
  const Batch batch = loader.next().value();  // images 2 and 3; 1 is the neighbour
  EXPECT_EQ(batch.indices, (std::vector<std::int64_t>{2, 3}));
  EXPECT_TRUE(batch.previous.empty());
  EXPECT_TRUE(loader.skipped().empty()) << "rank 0 names it";
}

/// Remembers what it was told of.
class Told : public MadeUp {
 public:
  using MadeUp::MadeUp;
  void expect(std::int64_t) const override { ++told; }
  mutable std::atomic<int> told{0};
};

TEST(Share, ASourceHearsOfARanksOwnImagesOnly) {
  const Told source(300);
  Loader loader(source, training(), {.batch = 30, .rank = 1, .ranks = 3, .workers = 1});
  while (loader.next()) {
  }
  EXPECT_EQ(source.told, 100);
}

TEST(Share, MoreRanksThanImagesInABatchAreAnError) {
  const MadeUp source(10);
  EXPECT_EQ(
      message_of<UsageError>([&] { const Loader loader(source, training(), {.batch = 4, .rank = 0, .ranks = 5}); }),
      "a batch of 4 cannot be shared by 5 ranks; take a larger batch or fewer ranks");
}

}  // namespace
}  // namespace springbok::data
