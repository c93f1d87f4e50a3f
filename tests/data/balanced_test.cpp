// Balanced sampling: classes by turns, each class's samples all before one comes again, and an epoch that can be
// entered anywhere.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "springbok/data/load/order.h"
#include "tests/data/support.h"
#include "tests/support/message_of.h"

namespace springbok::data {
namespace {

using testing::message_of;

/// Mostly of class 0: of 40 samples 2 of class 1, 5 of class 3, none of class 2.
class Uneven : public MadeUp {
 public:
  Uneven() : MadeUp(40) {}
  const std::vector<std::string>& classes() const override { return names_; }
  std::int64_t target(std::int64_t index) const override { return index % 20 == 7 ? 1 : index % 8 == 2 ? 3 : 0; }

 private:
  std::vector<std::string> names_{"a", "b", "c", "d"};
};

LoaderSettings balanced(std::int64_t epoch = 0) {
  return {.batch = 8, .seed = 5, .epoch = epoch, .shuffle = true, .sampler = Sampler::balanced};
}

std::vector<std::int64_t> samples_of(const Source& source, const LoaderSettings& settings) {
  const Order order(source, settings);
  std::vector<std::int64_t> samples;
  for (std::int64_t i = 0; i < source.size(); ++i) samples.push_back(order.sample(i));
  return samples;
}

TEST(Balanced, EachRoundHasEachClassOnce) {
  const Uneven source;
  const std::vector<std::int64_t> samples = samples_of(source, balanced());
  std::set<std::vector<std::int64_t>> turns;
  for (std::size_t i = 0; i + 3 <= samples.size(); i += 3) {
    std::vector<std::int64_t> round{source.target(samples[i]), source.target(samples[i + 1]),
                                    source.target(samples[i + 2])};
    turns.insert(round);
    std::sort(round.begin(), round.end());
    EXPECT_EQ(round, (std::vector<std::int64_t>{0, 1, 3}));
  }
  EXPECT_GT(turns.size(), 2U) << "in an order drawn anew";
}

TEST(Balanced, AClassIsWalkedWholeBeforeASampleComesAgain) {
  const Uneven source;
  std::map<std::int64_t, std::vector<std::int64_t>> by_class;
  for (const std::int64_t sample : samples_of(source, balanced())) by_class[source.target(sample)].push_back(sample);
  EXPECT_EQ(std::set(by_class[0].begin(), by_class[0].end()).size(), by_class[0].size()) << "33 samples, 14 turns";
  for (const auto& [label, size] : std::map<std::int64_t, std::size_t>{{1, 2}, {3, 5}}) {
    const std::vector<std::int64_t>& walked = by_class[label];
    for (std::size_t i = 0; i + size <= walked.size(); i += size) {
      EXPECT_EQ(std::set(walked.begin() + i, walked.begin() + i + size).size(), size) << "class " << label;
    }
  }
}

TEST(Balanced, EpochsDifferAndSamplesThatComeAgainAreDrawnAnew) {
  const Uneven source;
  EXPECT_EQ(samples_of(source, balanced()), samples_of(source, balanced()));
  EXPECT_NE(samples_of(source, balanced(0)), samples_of(source, balanced(1)));
  LoaderSettings settings = balanced();
  settings.repeats = 2;
  const Order order(source, settings);
  std::map<std::int64_t, std::set<std::uint64_t>> draws;
  std::map<std::int64_t, std::size_t> times;
  for (std::int64_t i = 0; i < source.size(); ++i) {
    draws[order.sample(i)].insert(order.rng(i).next_u64());
    ++times[order.sample(i)];
  }
  for (const auto& [sample, count] : times) EXPECT_EQ(draws[sample].size(), count) << sample;
}

TEST(Balanced, TheLoaderEntersAnywhereWithAnyWorkers) {
  const Uneven source;
  std::vector<std::int64_t> whole, rest;
  const auto load = [&](const LoaderSettings& settings, std::vector<std::int64_t>& indices) {
    Loader loader(source, training(), settings);
    while (const std::optional<Batch> batch = loader.next()) {
      indices.insert(indices.end(), batch->indices.begin(), batch->indices.end());
    }
  };
  load(balanced(), whole);
  EXPECT_EQ(whole, samples_of(source, balanced()));
  LoaderSettings later = balanced();
  later.first_batch = 3;
  later.workers = 3;
  load(later, rest);
  EXPECT_EQ(rest, std::vector(whole.begin() + 24, whole.end()));
}

TEST(Balanced, NeedsAClassForEachSample) {
  class Unlabelled : public MadeUp {
   public:
    Unlabelled() : MadeUp(4) {}
    std::int64_t target(std::int64_t index) const override { return index == 2 ? -1 : 0; }
  } source;
  EXPECT_EQ(message_of<Error>([&] { Order(source, balanced()); }),
            "made/2: has no class; balanced sampling needs one for each image");
}

}  // namespace
}  // namespace springbok::data
