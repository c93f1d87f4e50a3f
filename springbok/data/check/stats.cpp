// Counting a source: integers only while the threads run, so that sums do not depend on their order.
#include "springbok/data/check/stats.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <mutex>

#include "springbok/base/error.h"
#include "springbok/base/label_sizes.h"
#include "springbok/base/threads.h"

namespace springbok::data {
namespace {

class Range {
 public:
  void add(std::int64_t value) {
    least_ = count_ == 0 ? value : std::min(least_, value);
    most_ = count_ == 0 ? value : std::max(most_, value);
    sum_ += value;
    ++count_;
  }
  Spread spread() const {
    return {.least = least_,
            .most = most_,
            .mean = count_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(count_)};
  }

 private:
  std::int64_t least_ = 0, most_ = 0, sum_ = 0, count_ = 0;
};

/// How often each pixel value occurs in each channel: mean and variance follow exactly.
using Histogram = std::array<std::array<std::int64_t, 256>, 3>;

void count_pixels(const image::Image& image, Histogram& histogram) {
  std::array<std::array<std::uint32_t, 256>, 3> counts{};  // kMaxPixels fit
  const std::uint8_t* at = image.pixels.data();
  const std::uint8_t* end = at + image.pixels.size();
  for (; at != end; at += image.channels) {
    for (int c = 0; c < image.channels; ++c) ++counts[static_cast<std::size_t>(c)][at[c]];
  }
  for (std::size_t c = 0; c < 3; ++c) {
    for (std::size_t v = 0; v < 256; ++v) histogram[c][v] += counts[c][v];
  }
}

/// What a sample is labelled with.
struct Target {
  std::vector<std::int64_t> classes;       ///< that it shows
  std::vector<std::uint8_t> sizes;         ///< of each, bits of base/label_sizes.h
  std::array<std::int64_t, 256> pixels{};  ///< of a mask, by index
};

Target target_of(const Source& source, std::int64_t index) {
  Target found;
  if (source.target_kind() == TargetKind::classes) {
    if (source.target(index) >= 0) found.classes.push_back(source.target(index));
  } else if (source.target_kind() == TargetKind::labels) {
    const std::vector<std::uint8_t> labels = source.labels(index);
    for (std::size_t c = 0; c < labels.size(); ++c) {
      if (labels[c] == 0) continue;
      found.classes.push_back(static_cast<std::int64_t>(c));
      found.sizes.push_back(labels[c]);
    }
  } else {
    for (const std::uint8_t each : source.mask(index).pixels) ++found.pixels[each];
    for (std::size_t c = 0; c < source.classes().size(); ++c) {
      if (found.pixels.at(c) > 0) found.classes.push_back(static_cast<std::int64_t>(c));
    }
  }
  return found;
}

class Counter {
 public:
  explicit Counter(const Source& source) : source_(source) {
    stats_.per_class.resize(source.classes().size());
    if (source.target_kind() == TargetKind::masks) stats_.pixels.resize(source.classes().size());
  }

  /// Decodes without the lock, adds under it.
  void add(std::int64_t index) {
    Histogram pixels{};
    const Target target = target_of(source_, index);
    const auto encoded = source_.encoded(index, source_.channels());
    const image::Image image = encoded ? encoded->whole() : source_.image(index, source_.channels());
    count_pixels(image, pixels);
    const std::string format =
        encoded ? image::format_name(image::probe(encoded->bytes(), source_.name(index)).format) : "pixels";
    const std::lock_guard lock(mutex_);
    ++stats_.images;
    ++stats_.formats[format];
    height_.add(image.height);
    width_.add(image.width);
    if (encoded) bytes_.add(static_cast<std::int64_t>(encoded->bytes().size()));
    count_target(target);
    for (std::size_t c = 0; c < 3; ++c) {
      for (std::size_t v = 0; v < 256; ++v) histogram_[c][v] += pixels[c][v];
    }
  }

  Stats result() {
    stats_.height = height_.spread();
    stats_.width = width_.spread();
    stats_.bytes = bytes_.spread();
    stats_.labels = labels_.spread();
    for (int c = 0; c < source_.channels(); ++c) moments(histogram_[static_cast<std::size_t>(c)]);
    return stats_;
  }

 private:
  void count_target(const Target& target) {
    for (const std::int64_t each : target.classes) ++stats_.per_class.at(static_cast<std::size_t>(each));
    labels_.add(std::ssize(target.classes));
    stats_.without += target.classes.empty();
    for (const std::uint8_t sizes : target.sizes) {
      for (std::size_t s = 0; s < kSizes; ++s) stats_.by_size[s] += sizes >> s & 1;
    }
    for (std::size_t c = 0; c < stats_.pixels.size(); ++c) stats_.pixels[c] += target.pixels.at(c);
    stats_.ignored += target.pixels.back();
  }

  void moments(const std::array<std::int64_t, 256>& counts) {
    double count = 0, sum = 0;
    for (std::size_t v = 0; v < 256; ++v) {
      count += static_cast<double>(counts[v]);
      sum += static_cast<double>(counts[v]) * static_cast<double>(v);
    }
    const double mean = count == 0 ? 0 : sum / count;
    double squares = 0;
    for (std::size_t v = 0; v < 256; ++v) {
      squares += static_cast<double>(counts[v]) * (static_cast<double>(v) - mean) * (static_cast<double>(v) - mean);
    }
    stats_.mean.push_back(mean / 255);
    stats_.std.push_back(count == 0 ? 0 : std::sqrt(squares / count) / 255);
  }

  const Source& source_;
  std::mutex mutex_;
  Stats stats_;
  Range height_, width_, bytes_, labels_;
  Histogram histogram_{};
};

}  // namespace

Stats stats_of(const Source& source, int threads, const std::function<void(std::int64_t)>& done) {
  if (source.channels() != 1 && source.channels() != 3) {
    fail("sources hold images of 1 or 3 channels, not {} ({})", source.channels(), source.description());
  }
  Counter counter(source);
  std::atomic<std::int64_t> finished = 0;
  parallel_for(static_cast<std::size_t>(source.size()), threads, [&](std::size_t i) {
    counter.add(static_cast<std::int64_t>(i));
    const std::int64_t so_far = ++finished;
    if (done) done(so_far);
  });
  return counter.result();
}

}  // namespace springbok::data
