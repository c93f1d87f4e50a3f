// Inside the room: the order of an epoch.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "springbok/base/rng.h"
#include "springbok/data/load/loader.h"

namespace springbok::data {

/// Which sample stands where in the epoch, and its stream of random numbers. Shuffled, it is a keyed permutation of all
/// samples. With a `shuffle_buffer`, of the shards, whose samples come one after the other, mixed by keyed permutations
/// of so many neighbours. Balanced, each round of the classes is a keyed permutation of them, and a class's samples are
/// walked in keyed permutations. Either way any position costs the same: an epoch can be entered anywhere.
class Order {
 public:
  /// Throws UsageError for a buffer and a source without shards.
  Order(const Source& source, const LoaderSettings& settings);

  std::int64_t sample(std::int64_t position) const;
  Rng rng(std::int64_t position) const;

 private:
  /// The samples of a shard stand from `position` on, in the source's order from `first` on.
  struct Shard {
    std::int64_t position = 0, first = 0;
  };

  /// The classes that have samples.
  struct Balance {
    std::vector<std::int64_t> samples;  ///< by class
    std::vector<std::int64_t> ends;     ///< where each class's end
  };
  /// A sample, and how often it came before in the epoch.
  struct Turn {
    std::int64_t sample = 0, before = 0;
  };

  void shuffle_shards(const Source& source);
  void sort_classes(const Source& source);
  Turn turn(std::int64_t drawn) const;
  /// Where the sample that is drawn stands in the row of shards.
  std::int64_t mixed(std::int64_t drawn) const;

  std::uint64_t seed_, epoch_;
  bool shuffle_;
  std::int64_t repeats_, size_, buffer_;
  Permutation permutation_;
  std::vector<Shard> shards_;  ///< in the epoch's order
  Balance balance_;            ///< empty where samples are not balanced
};

}  // namespace springbok::data
