// Each stage of loading a training image beside its floor: the least that an exact loader has to do on this machine.
//
// usage: bench_floors SOURCE...   (JPEG files and packed ones; those that libjpeg decodes are left out)
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "bench/peak.h"
#include "springbok/base/error.h"
#include "springbok/data/augment/random_crop.h"
#include "springbok/data/augment/stage_times.h"
#include "springbok/data/augment/transform.h"
#include "springbok/data/source/source.h"
#include "springbok/image/jpeg/baseline.h"
#include "springbok/image/jpeg/huffman.h"
#include "springbok/image/jpeg/pixels.h"
#include "springbok/image/jpeg/units.h"
#include "springbok/image/taps.h"

namespace springbok::bench {
namespace {

constexpr int kRounds = 9;
constexpr int kSize = 224;  // as the recipe has it
constexpr std::size_t kFloats = std::size_t{3} * kSize * kSize;
constexpr std::size_t kBatch = 50;  // images written before the first one's memory is written again

/// Seconds of all images; decoding's floor has three parts.
struct Floors {
  double read = 0, bits = 0, transform = 0, colours = 0, resize = 0, normalise = 0;
};

double seconds(const auto& work) {
  const auto began = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// One image, and the crop that the transform draws.
struct Sample {
  std::int64_t index = 0;
  Rng rng;
  std::unique_ptr<image::Encoded> encoded;
  image::Region region;
};

/// Passes over a region's bits and keeps nothing.
class Passer {
 public:
  /// False when it is no JPEG that is decoded without libjpeg.
  bool prepare(const Sample& sample) {
    if (!jpeg_.read(sample.encoded->bytes()) || !tables_.build(jpeg_)) return false;
    units_ = image::units_of(jpeg_, sample.region);
    return true;
  }
  bool pass(const Sample& sample) {
    if (!prepare(sample)) return false;
    return sample.encoded->segments().empty() ? from_start() : from_segments(sample.encoded->segments());
  }

  const image::BaselineJpeg& jpeg() const { return jpeg_; }
  const image::RegionUnits& units() const { return units_; }

 private:
  bool from_start() {
    image::BitReader bits(jpeg_.data);
    const int all = (units_.rows.end - 1) * units_.per_row + units_.columns.end, every = jpeg_.restart_every;
    for (int unit = 0; unit < all; ++unit) {
      if (every > 0 && unit > 0 && unit % every == 0 && !bits.restart(unit / every - 1)) return false;
      if (!pass_unit(bits)) return false;
    }
    return true;
  }

  bool from_segments(const image::JpegSegments& segments) {
    at_.assign(1, 0);
    for (int i = 0; i < segments.count(); ++i) at_.push_back(at_.back() + segments.length(i));
    for (int row = units_.rows.first; row < units_.rows.end; ++row) {
      const int end = row * units_.per_row + units_.columns.end;
      for (int segment = (end - units_.columns.size()) / segments.units; segment * segments.units < end; ++segment) {
        image::BitReader bits(jpeg_.data.subspan(at_[static_cast<std::size_t>(segment)]));
        const int last = std::min((segment + 1) * segments.units, end);
        for (int unit = segment * segments.units; unit < last; ++unit) {
          if (!pass_unit(bits)) return false;
        }
      }
    }
    return true;
  }

  bool pass_unit(image::BitReader& bits) {
    for (const image::BaselineComponent& component : jpeg_.components) {
      const image::HuffmanDecoder &dc = tables_.dc(jpeg_, component), &ac = tables_.ac(jpeg_, component);
      for (int block = 0; block < component.across * component.down; ++block) {
        int difference = 0;
        if (!image::skip_block(bits, dc, ac, difference)) return false;
      }
    }
    return true;
  }

  image::BaselineJpeg jpeg_;
  image::RegionUnits units_;
  image::HuffmanTables tables_;
  std::vector<std::size_t> at_;
};

/// Products of one pass: two for each tap, since weights have 22 bits and products 16.
double products(const image::Taps& taps, std::int64_t times) {
  return 2.0 * 3 * static_cast<double>(times) * std::accumulate(taps.count.begin(), taps.count.end(), 0.0);
}

/// Of a resize, in the order of passes that takes fewer.
double resize_products(const image::Region& region) {
  const auto taps = [](int from) {
    return image::make_taps(
        {.inputs = from, .low = 0, .high = static_cast<float>(from), .outputs = kSize, .part_count = kSize},
        image::Filter::bilinear);
  };
  const image::Taps down = taps(region.height), across = taps(region.width);
  return std::min(products(across, region.height) + products(down, kSize),
                  products(down, region.width) + products(across, kSize));
}

/// A source's images, and what its stages and floors took in each round.
class Contender {
 public:
  explicit Contender(const std::string& spec) : name_(spec), source_(data::open_source(spec, data::Split::train)) {
    for (std::int64_t i = 0; i < source_->size(); ++i) {
      Sample sample{.index = i, .rng = Rng(1, {0, static_cast<std::uint64_t>(i)}), .encoded = nullptr, .region = {}};
      auto encoded = source_->encoded(i, 3);
      if (!encoded) fail("{}: holds pixels, not JPEGs", spec);
      Rng rng = sample.rng;
      sample.region = data::random_region(encoded->size(), {}, rng);
      sample.encoded = std::make_unique<image::Encoded>(std::move(*encoded));
      if (passer_.pass(sample)) samples_.push_back(std::move(sample));
    }
    if (samples_.empty()) fail("{}: has no baseline JPEGs", spec);
    check(transform_.preprocess().size == kSize, "floors are of the size that is measured");
  }

  void round(double products_per_second) {
    stages_.push_back(stages());
    floors_.push_back({.read = read(),
                       .bits = bits(),
                       .transform = transform(),
                       .colours = colours(),
                       .resize = resize(products_per_second),
                       .normalise = normalise()});
  }

  void print() const {
    std::printf("\n%s: %zu of %lld images, ms each on one core\n%-22s %8s %8s %8s\n", name_.c_str(), samples_.size(),
                static_cast<long long>(source_->size()), "stage", "takes", "floor", "ratio");
    const double bits = floor(&Floors::bits), transform = floor(&Floors::transform), colours = floor(&Floors::colours);
    const std::array<double, 4> floors{floor(&Floors::read), bits + transform + colours, floor(&Floors::resize),
                                       floor(&Floors::normalise)};
    constexpr std::array kStages{data::Stage::read, data::Stage::decode, data::Stage::resize, data::Stage::normalise};
    double all = 0;
    for (std::size_t i = 0; i < kStages.size(); ++i) {
      all += stage(kStages[i]);
      print_row(data::kStageNames[static_cast<std::size_t>(kStages[i])], stage(kStages[i]), floors[i]);
      if (kStages[i] != data::Stage::decode) continue;
      std::printf("  %-29s %8.4f\n  %-29s %8.4f\n  %-29s %8.4f\n", "its bits", bits, "its inverse transform", transform,
                  "its upsampling and colours", colours);
    }
    print_row("all", all, std::accumulate(floors.begin(), floors.end(), 0.0));
  }

 private:
  static void print_row(const char* name, double takes, double floor) {
    std::printf("%-22s %8.4f %8.4f %8.2f\n", name, takes, floor, takes / floor);
  }

  double per_image(double of_round) const { return 1000 * of_round / static_cast<double>(samples_.size()); }
  double floor(double Floors::*part) const {
    std::vector<double> values;
    for (const Floors& floors : floors_) values.push_back(per_image(floors.*part));
    return median(values);
  }
  double stage(data::Stage stage) const {
    std::vector<double> values;
    for (data::StageTimes times : stages_) values.push_back(per_image(times[stage]));
    return median(values);
  }

  /// As the loader does it.
  data::StageTimes stages() {
    data::StageTimes times;
    for (std::size_t i = 0; i < samples_.size(); ++i) {
      data::Laps laps(&times);
      const auto encoded = source_->encoded(samples_[i].index, 3);
      laps.end(data::Stage::read);
      transform_(*encoded, samples_[i].rng, out(i), &times);
    }
    return times;
  }

  /// The bytes copied from memory.
  double read() {
    return seconds([&] {
      for (const Sample& sample : samples_) {
        const auto bytes = sample.encoded->bytes();
        copy_.resize(std::max(copy_.size(), bytes.size()));
        std::memcpy(copy_.data(), bytes.data(), bytes.size());
      }
    });
  }

  double bits() {
    return seconds([&] {
      for (const Sample& sample : samples_) check(passer_.pass(sample), "bits are passed over again");
    });
  }

  /// Of as many blocks, in the nearest cache.
  double transform() {
    double sum = 0;
    constexpr int kAtOnce = 16;
    const std::vector<std::int16_t> coefficients(64 * kAtOnce, 1);
    const std::vector<std::uint16_t> steps(64, 1);
    std::vector<std::uint8_t> samples(64 * kAtOnce);
    each_jpeg([&](const image::BaselineJpeg& jpeg, const image::RegionUnits& units, const image::Region&) {
      const int luma = jpeg.components[0].across * jpeg.components[0].down;
      int blocks = units.rows.size() * units.columns.size() * (luma + 2);
      sum += seconds([&] {
        for (; blocks > 0; blocks -= kAtOnce) {
          image::inverse_dct(coefficients.data(), steps.data(), std::min(blocks, kAtOnce), samples.data(), 8 * kAtOnce);
        }
      });
    });
    return sum;
  }

  /// Of as many rows, in the nearest cache.
  double colours() {
    double sum = 0;
    each_jpeg([&](const image::BaselineJpeg& jpeg, const image::RegionUnits&, const image::Region& region) {
      const auto width = static_cast<std::size_t>(region.width);
      std::vector<std::uint8_t> y(width), chroma(2 * width + 64), rgb(3 * width + 64);
      std::vector<std::uint16_t> sums(width + 64);
      const bool across = jpeg.components[0].across == 2, down = jpeg.components[0].down == 2;
      const std::vector<std::uint8_t> near(width / 2 + 64), far(width / 2 + 64);
      sum += seconds([&] {
        for (int row = 0; row < region.height; ++row) {
          for (int i = 0; across && i < 2; ++i) {
            image::upsample_row(near.data() + 1, down ? far.data() + 1 : nullptr, (region.width + 1) / 2, sums.data(),
                                chroma.data());
          }
          image::ycc_to_rgb(y.data(), chroma.data(), chroma.data(), region.width, rgb.data());
        }
      });
    });
    return sum;
  }

  double resize(double products_per_second) const {
    double all = 0;
    for (const Sample& sample : samples_) all += resize_products(sample.region);
    return all / products_per_second;
  }

  /// The floats written.
  double normalise() {
    return seconds([&] {
      for (std::size_t i = 0; i < samples_.size(); ++i) std::fill_n(out(i), kFloats, static_cast<float>(i));
    });
  }

  void each_jpeg(const auto& work) {
    for (const Sample& sample : samples_) {
      check(passer_.prepare(sample), "a header is read again");
      work(passer_.jpeg(), passer_.units(), sample.region);
    }
  }

  float* out(std::size_t i) { return batch_.data() + i % kBatch * kFloats; }

  std::string name_;
  std::unique_ptr<data::Source> source_;
  data::Transform transform_{data::Preprocess{}, data::Augment{}};
  std::vector<Sample> samples_;
  Passer passer_;
  std::vector<float> batch_ = std::vector<float>(kBatch * kFloats);
  std::vector<std::byte> copy_;
  std::vector<data::StageTimes> stages_;
  std::vector<Floors> floors_;
};

void run(const std::vector<std::string>& specs) {
  std::vector<std::unique_ptr<Contender>> contenders;
  for (const std::string& spec : specs) contenders.push_back(std::make_unique<Contender>(spec));
  for (int round = 0; round < kRounds; ++round) {
    const double rate = products_per_second();
    for (const auto& contender : contenders) contender->round(rate);
  }
  std::printf(
      "floors: the bytes copied; the crop's bits passed over, and kernels with all in the nearest cache;\n"
      "two products a tap at %.0f billion a second; the floats written\n",
      products_per_second() / 1e9);
  for (const auto& contender : contenders) contender->print();
}

}  // namespace
}  // namespace springbok::bench

int main(int argc, char** argv) {
  try {
    if (argc < 2) springbok::fail_usage("usage: bench_floors SOURCE...");
    springbok::bench::run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_floors: %s\n", error.what());
    return 1;
  }
}
