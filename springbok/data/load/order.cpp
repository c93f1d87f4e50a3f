// Keyed permutations: of all samples, of shards and neighbours, or of the classes by turns.
#include "springbok/data/load/order.h"

#include <algorithm>
#include <string_view>

#include "springbok/base/error.h"

namespace springbok::data {

const std::vector<std::string>& sampler_names() {
  static const std::vector<std::string> names{"shuffled", "balanced"};
  return names;
}

Order::Order(const Source& source, const LoaderSettings& settings)
    : seed_(settings.seed),
      epoch_(static_cast<std::uint64_t>(settings.epoch)),
      shuffle_(settings.shuffle),
      repeats_(settings.repeats),
      size_(source.size()),
      buffer_(settings.shuffle_buffer > 0 ? settings.shuffle_buffer : source.shuffle_buffer()),
      permutation_(static_cast<std::uint64_t>(size_), Rng(seed_, {fnv1a64("order"), epoch_}).next_u64()) {
  if (shuffle_ && settings.sampler == Sampler::balanced) {
    sort_classes(source);
    return;
  }
  if (settings.shuffle_buffer > 0 && source.shards().empty()) {
    fail_usage("a shuffle buffer is for sources of shards, which this is not ({}); leave it out", source.description());
  }
  if (shuffle_ && buffer_ > 0) shuffle_shards(source);
}

void Order::shuffle_shards(const Source& source) {
  const auto ends = source.shards();
  if (!ends.empty() && (!std::is_sorted(ends.begin(), ends.end()) || ends.front() < 0 || ends.back() != size_)) {
    fail("{}: its shards do not end one after the other at its {} samples", source.description(), size_);
  }
  const Permutation order(ends.size(), Rng(seed_, {fnv1a64("shards"), epoch_}).next_u64());
  std::int64_t position = 0;
  for (std::uint64_t i = 0; i < ends.size(); ++i) {
    const std::uint64_t shard = order.at(i);
    const std::int64_t first = shard == 0 ? 0 : ends[shard - 1];
    if (ends[shard] > first) shards_.push_back({.position = position, .first = first});
    position += ends[shard] - first;
  }
}

void Order::sort_classes(const Source& source) {
  std::vector<std::vector<std::int64_t>> by_class(source.classes().size());
  for (std::int64_t i = 0; i < size_; ++i) {
    const std::int64_t target = source.target(i);
    if (target < 0 || target >= std::ssize(by_class)) {
      fail("{}: has no class; balanced sampling needs one for each image", source.name(i));
    }
    by_class[static_cast<std::size_t>(target)].push_back(i);
  }
  for (const std::vector<std::int64_t>& samples : by_class) {
    if (samples.empty()) continue;
    balance_.samples.insert(balance_.samples.end(), samples.begin(), samples.end());
    balance_.ends.push_back(std::ssize(balance_.samples));
  }
}

Order::Turn Order::turn(std::int64_t drawn) const {
  const auto classes = std::ssize(balance_.ends);
  const std::int64_t round = drawn / classes;
  const auto key = [&](std::string_view what, std::int64_t a, std::int64_t b) {
    return Rng(seed_, {fnv1a64(what), epoch_, static_cast<std::uint64_t>(a), static_cast<std::uint64_t>(b)}).next_u64();
  };
  const Permutation turns(static_cast<std::uint64_t>(classes), key("turns", round, 0));
  const std::uint64_t of = turns.at(static_cast<std::uint64_t>(drawn % classes));
  const std::int64_t first = of == 0 ? 0 : balance_.ends[of - 1], count = balance_.ends[of] - first;
  const std::int64_t before = round / count;
  const Permutation order(static_cast<std::uint64_t>(count), key("balanced", static_cast<std::int64_t>(of), before));
  const auto at = static_cast<std::int64_t>(order.at(static_cast<std::uint64_t>(round % count)));
  return {.sample = balance_.samples[static_cast<std::size_t>(first + at)], .before = before};
}

std::int64_t Order::mixed(std::int64_t drawn) const {
  const std::int64_t part = drawn / buffer_, begin = part * buffer_;
  const auto size = static_cast<std::uint64_t>(std::min(buffer_, size_ - begin));
  const std::uint64_t key = Rng(seed_, {fnv1a64("mixed"), epoch_, static_cast<std::uint64_t>(part)}).next_u64();
  return begin + static_cast<std::int64_t>(Permutation(size, key).at(static_cast<std::uint64_t>(drawn - begin)));
}

std::int64_t Order::sample(std::int64_t position) const {
  const std::int64_t drawn = position / repeats_;
  if (!shuffle_) return drawn;
  if (!balance_.ends.empty()) return turn(drawn).sample;
  if (shards_.empty()) return static_cast<std::int64_t>(permutation_.at(static_cast<std::uint64_t>(drawn)));
  const std::int64_t at = mixed(drawn);
  const auto after = std::upper_bound(shards_.begin(), shards_.end(), at,
                                      [](std::int64_t value, const Shard& shard) { return value < shard.position; });
  return std::prev(after)->first + at - std::prev(after)->position;
}

Rng Order::rng(std::int64_t position) const {
  const auto sample = static_cast<std::uint64_t>(this->sample(position));
  auto repeat = static_cast<std::uint64_t>(position % repeats_);
  if (!balance_.ends.empty()) {
    repeat += static_cast<std::uint64_t>(turn(position / repeats_).before * repeats_);
  }
  return repeat == 0 ? Rng(seed_, {epoch_, sample}) : Rng(seed_, {epoch_, sample, repeat});
}

}  // namespace springbok::data
