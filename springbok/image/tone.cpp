// Operations on pixel values by table.
#include "springbok/image/tone.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "springbok/base/error.h"
#include "springbok/image/expect.h"

namespace springbok::image {
namespace {

using Table = std::array<std::uint8_t, 256>;
using Histogram = std::array<std::int64_t, 256>;

void check_kind(const Image& image) {
  expect_channels(image, {1, 3}, "an operation on tones");
}

void look_up(Image& image, const Table& table) {
  for (std::uint8_t& value : image.pixels) value = table[value];
}

template <class F>
void apply_to_all(Image& image, F value_of) {
  check_kind(image);
  Table table;
  for (int v = 0; v < 256; ++v) table[static_cast<std::size_t>(v)] = static_cast<std::uint8_t>(value_of(v));
  look_up(image, table);
}

/// Replaces each channel by the table that `table_of` makes of its histogram.
template <class F>
void apply_by_channel(Image& image, F table_of) {
  check_kind(image);
  std::array<Histogram, 3> histograms{};
  const auto channels = static_cast<std::size_t>(image.channels);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) ++histograms[i % channels][image.pixels[i]];
  std::array<Table, 3> tables{};
  for (std::size_t c = 0; c < channels; ++c) tables[c] = table_of(histograms[c]);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = tables[i % channels][image.pixels[i]];
}

Table same() {
  Table table;
  for (std::size_t v = 0; v < 256; ++v) table[v] = static_cast<std::uint8_t>(v);
  return table;
}

/// Pillow's: each value's rank, counted in steps of (pixels - those of the highest value) / 255.
Table equalising(const Histogram& counts) {
  std::int64_t total = 0, last = 0, kinds = 0;
  for (const std::int64_t count : counts) {
    if (count == 0) continue;
    ++kinds;
    total += count;
    last = count;
  }
  const std::int64_t step = (total - last) / 255;
  if (kinds <= 1 || step == 0) return same();
  Table table;
  std::int64_t rank = step / 2;
  for (std::size_t v = 0; v < 256; ++v) {
    table[v] = static_cast<std::uint8_t>(std::min<std::int64_t>(rank / step, 255));
    rank += counts[v];
  }
  return table;
}

/// Takes `cut` pixels away, from the first count on.
template <class Iterator>
void cut_off(Iterator first, Iterator last, std::int64_t cut) {
  for (; first != last && cut > 0; ++first) {
    const std::int64_t taken = std::min(cut, *first);
    *first -= taken;
    cut -= taken;
  }
}

Table stretching(Histogram counts, double cutoff) {
  std::int64_t total = 0;
  for (const std::int64_t count : counts) total += count;
  const auto cut = static_cast<std::int64_t>(std::floor(static_cast<double>(total) * cutoff / 100));
  cut_off(counts.begin(), counts.end(), cut);
  cut_off(counts.rbegin(), counts.rend(), cut);
  int low = 0, high = 255;
  while (low < 255 && counts[static_cast<std::size_t>(low)] == 0) ++low;
  while (high > 0 && counts[static_cast<std::size_t>(high)] == 0) --high;
  if (high <= low) return same();
  const double scale = 255.0 / (high - low), offset = -low * scale;
  Table table;
  for (int v = 0; v < 256; ++v) {
    table[static_cast<std::size_t>(v)] =
        static_cast<std::uint8_t>(std::clamp(static_cast<int>(v * scale + offset), 0, 255));
  }
  return table;
}

}  // namespace

void invert(Image& image) {
  apply_to_all(image, [](int v) { return 255 - v; });
}

void posterise(Image& image, int bits) {
  expect_between(bits, 0, 8, "the bits that posterising keeps");
  const int mask = ~((1 << (8 - bits)) - 1);
  apply_to_all(image, [mask](int v) { return v & mask; });
}

void solarise(Image& image, double threshold) {
  apply_to_all(image, [threshold](int v) { return v < threshold ? v : 255 - v; });
}

void solarise_add(Image& image, int addend, double threshold) {
  apply_to_all(image, [=](int v) { return v < threshold ? std::clamp(v + addend, 0, 255) : v; });
}

void add_and_solarise(Image& image, int addend, double threshold) {
  apply_to_all(image, [=](int v) {
    const int sum = std::clamp(v + addend, 0, 255);
    return sum < threshold ? sum : 255 - sum;
  });
}

void equalise(Image& image) {
  apply_by_channel(image, equalising);
}

void autocontrast(Image& image, double cutoff) {
  expect_between(cutoff, 0, 49.9999, "the percentage that autocontrast cuts off");
  apply_by_channel(image, [cutoff](const Histogram& counts) { return stretching(counts, cutoff); });
}

}  // namespace springbok::image
