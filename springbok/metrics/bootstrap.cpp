// Drawing images anew, and quantiles of what follows.
#include "springbok/metrics/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "springbok/base/error.h"
#include "springbok/base/rng.h"
#include "springbok/base/threads.h"

namespace springbok::metrics {
namespace {

/// Of sorted numbers, at least one.
double quantile(const std::vector<double>& sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

std::optional<Interval> interval_of(std::vector<double> values, double level) {
  std::erase_if(values, [](double value) { return std::isnan(value); });
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end());
  return Interval{.low = quantile(values, (1 - level) / 2), .high = quantile(values, (1 + level) / 2)};
}

}  // namespace

std::vector<std::int32_t> drawn_times(std::int64_t images, std::uint64_t seed, std::int64_t resample) {
  constexpr std::uint64_t kStream = 0xB0075;  // this use of the seed, and no other
  Rng rng(seed, {kStream, static_cast<std::uint64_t>(resample)});
  std::vector<std::int32_t> times(static_cast<std::size_t>(images));
  for (std::int64_t i = 0; i < images; ++i) ++times[rng.below(static_cast<std::uint64_t>(images))];
  return times;
}

std::vector<std::optional<Interval>> bootstrap(std::int64_t images, const Bootstrap& settings, const Measure& measure) {
  if (settings.level <= 0 || settings.level >= 1) fail("intervals of {}: between 0 and 1", settings.level);
  const std::vector<std::int32_t> once(static_cast<std::size_t>(images), 1);
  const std::size_t numbers = measure(once).size();
  std::vector<std::optional<Interval>> intervals(numbers);
  if (images < 1 || settings.resamples < 1) return intervals;
  std::vector<std::vector<double>> measured(static_cast<std::size_t>(settings.resamples));
  parallel_for(measured.size(), settings.threads, [&](std::size_t r) {
    measured[r] = measure(drawn_times(images, settings.seed, static_cast<std::int64_t>(r)));
  });
  for (std::size_t n = 0; n < numbers; ++n) {
    std::vector<double> values;
    for (const std::vector<double>& one : measured) values.push_back(one[n]);
    intervals[n] = interval_of(std::move(values), settings.level);
  }
  return intervals;
}

std::string to_text(const std::optional<Interval>& interval) {
  return interval ? format(" [{:.2f}, {:.2f}]", 100 * interval->low, 100 * interval->high) : "";
}

nlohmann::ordered_json to_json(const std::optional<Interval>& interval) {
  if (!interval) return nullptr;
  return nlohmann::ordered_json::array({100 * interval->low, 100 * interval->high});
}

std::string to_text(const Bootstrap& settings, std::int64_t images) {
  return format("{:g} % intervals: {} resamples of the {} images, seed {}", 100 * settings.level,
                with_commas(settings.resamples), with_commas(images), settings.seed);
}

nlohmann::ordered_json to_json(const Bootstrap& settings, std::int64_t images) {
  return {
      {"level", 100 * settings.level}, {"resamples", settings.resamples}, {"images", images}, {"seed", settings.seed}};
}

}  // namespace springbok::metrics
