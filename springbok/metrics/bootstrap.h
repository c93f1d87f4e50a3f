// Bootstrap: between which limits a number would lie, had other images of the same kind been evaluated.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace springbok::metrics {

struct Interval {
  double low = 0, high = 0;
  bool operator==(const Interval&) const = default;
};

struct Bootstrap {
  std::int64_t resamples = 1000;  ///< 0: no intervals
  std::uint64_t seed = 0;
  double level = 0.95;
  int threads = 1;  ///< whose number changes nothing
};

/// The numbers of a set in which image i stands times[i] times; NaN for one that such a set does not have (of a class
/// that it lacks). Called from several threads at once.
using Measure = std::function<std::vector<double>(std::span<const std::int32_t> times)>;

/// How often each of so many images is drawn in the `resample`-th resample: with replacement, as many as there are.
std::vector<std::int32_t> drawn_times(std::int64_t images, std::uint64_t seed, std::int64_t resample);

/// The percentile interval of each number of `measure` (Efron and Tibshirani 1993, ch. 13). Of the numbers of all
/// resamples that have one it lies between the quantiles (1 - level) / 2 and (1 + level) / 2, interpolated linearly.
/// Nothing for a number that no resample has, and for all without images or resamples.
std::vector<std::optional<Interval>> bootstrap(std::int64_t images, const Bootstrap& settings, const Measure& measure);

/// Shares as percentages: ` [70.12, 72.30]` and `[70.12..., 72.30...]`; "" and null for none.
std::string to_text(const std::optional<Interval>& interval);
nlohmann::ordered_json to_json(const std::optional<Interval>& interval);

/// `95 % intervals: 1,000 resamples of the 200 images, seed 0`, and `{"level", "resamples", "images", "seed"}`.
std::string to_text(const Bootstrap& settings, std::int64_t images);
nlohmann::ordered_json to_json(const Bootstrap& settings, std::int64_t images);

}  // namespace springbok::metrics
