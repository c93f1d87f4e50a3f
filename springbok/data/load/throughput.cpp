// Measuring sources in turns.
#include "springbok/data/load/throughput.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/base/rng.h"
#include "springbok/data/load/loader.h"

namespace springbok::data {
namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point began) {
  return std::chrono::duration<double>(Clock::now() - began).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

/// Epochs that outlast any measuring: none begins in the middle of it.
std::unique_ptr<Source> endless(std::unique_ptr<Source> source) {
  constexpr std::int64_t kMany = 10'000'000;
  if (source->size() == 0) fail("no images to load ({})", source->description());
  const std::int64_t times = kMany / source->size() + 1;
  return repeated(std::move(source), times);
}

/// One source while it is measured.
class Runner {
 public:
  Runner(Contender contender, const ThroughputSettings& settings)
      : name_(std::move(contender.name)),
        source_(endless(std::move(contender.source))),
        transform_(std::move(contender.transform)),
        settings_(settings),
        order_(static_cast<std::uint64_t>(source_->size()), settings.seed) {}

  void turn(double seconds) {
    constexpr double kStages = 0.3;  // the part of a turn in which stages are looked at
    load(seconds * (1 - kStages));
    look_at_stages(seconds * kStages);
  }

  Throughput result(const Runner& first) const {
    Throughput result;
    result.name = name_;
    result.images_per_second = median(rates_);
    result.images = images_;
    std::vector<double> ratios;
    for (std::size_t i = 0; i < rates_.size(); ++i) ratios.push_back(rates_[i] / first.rates_[i]);
    result.ratio = median(ratios);
    const auto& seconds = times_.seconds;
    for (std::size_t i = 0; i < seconds.size(); ++i) {
      result.per_image.seconds[i] = seconds[i] / static_cast<double>(looked_at_);
    }
    result.limit = static_cast<Stage>(std::max_element(seconds.begin(), seconds.end()) - seconds.begin());
    return result;
  }

 private:
  void load(double seconds) {
    LoaderSettings settings{.batch = settings_.batch,
                            .workers = settings_.workers,
                            .seed = settings_.seed,
                            .first_batch = next_batch_,
                            .shuffle = true};
    Loader loader(*source_, transform_, settings);
    const auto take = [&] {
      auto batch = loader.next();
      check(batch.has_value(), "a measuring ends before the epoch does");
      ++next_batch_;
      const std::int64_t size = batch->size;
      loader.recycle(std::move(*batch));
      return size;
    };
    for (int i = 0; i <= settings.prefetch; ++i) take();  // until all memory is there and all workers are under way
    std::int64_t images = 0;
    const auto began = Clock::now();
    do images += take();
    while (since(began) < seconds);
    rates_.push_back(static_cast<double>(images) / since(began));
    images_ += images;
  }

  void look_at_stages(double seconds) {
    const auto began = Clock::now();
    do {
      const std::uint64_t sample = order_.at(static_cast<std::uint64_t>(looked_at_++));
      const Rng rng(settings_.seed, {0, sample});
      std::visit([&](const auto& transform) { look_at(transform, static_cast<std::int64_t>(sample), rng); },
                 transform_);
    } while (since(began) < seconds);
  }

  void look_at(const Transform& transform, std::int64_t sample, const Rng& rng) {
    const Preprocess& p = transform.preprocess();
    pixels_.resize(static_cast<std::size_t>(p.size) * p.size * p.channels);
    Laps laps(&times_);
    if (const auto encoded = source_->encoded(sample, p.channels)) {
      laps.end(Stage::read);
      transform(*encoded, rng, pixels_.data(), &times_);
    } else {
      const image::Image image = source_->image(sample, p.channels);
      laps.end(Stage::read);
      transform(image, rng, pixels_.data(), &times_);
    }
  }

  /// Both are read and decoded, then transformed as one: that is all `resize`.
  void look_at(const PixelTransform& transform, std::int64_t sample, const Rng& rng) {
    const int channels = transform.preprocess().channels;
    Laps laps(&times_);
    const auto encoded = source_->encoded(sample, channels);
    laps.end(Stage::read);
    Labelling labelling{encoded ? encoded->whole() : source_->image(sample, channels), source_->mask(sample)};
    laps.end(Stage::decode);
    const image::Size size = transform.size_of(labelling);
    const auto count = static_cast<std::size_t>(size.height) * static_cast<std::size_t>(size.width);
    pixels_.resize(count * static_cast<std::size_t>(channels));
    mask_.resize(count);
    transform(labelling, rng, pixels_.data(), mask_.data());
    laps.end(Stage::resize);
  }

  std::string name_;
  std::unique_ptr<Source> source_;
  SampleTransform transform_;
  const ThroughputSettings& settings_;
  Permutation order_;
  std::int64_t next_batch_ = 0, images_ = 0, looked_at_ = 0;
  std::vector<double> rates_;  ///< images a second, by turn
  StageTimes times_;
  std::vector<float> pixels_;  ///< of one result
  std::vector<std::uint8_t> mask_;
};

}  // namespace

double Throughput::seconds_per_image() const {
  return std::accumulate(per_image.seconds.begin(), per_image.seconds.end(), 0.0);
}

std::vector<Throughput> measure_throughput(std::vector<Contender> contenders, const ThroughputSettings& settings) {
  const bool some = settings.turns >= 1 && settings.seconds > 0 && std::isfinite(settings.seconds);
  if (!some) fail_usage("measuring takes a turn and some time, not {} and {} s", settings.turns, settings.seconds);
  std::vector<Runner> runners;
  runners.reserve(contenders.size());
  for (Contender& contender : contenders) runners.emplace_back(std::move(contender), settings);
  std::int64_t finished = 0;
  for (int turn = 0; turn < settings.turns; ++turn) {
    for (Runner& runner : runners) {
      runner.turn(settings.seconds / settings.turns);
      if (settings.done) settings.done(++finished);
    }
  }
  std::vector<Throughput> results;
  results.reserve(runners.size());
  for (const Runner& runner : runners) results.push_back(runner.result(runners.front()));
  return results;
}

}  // namespace springbok::data
