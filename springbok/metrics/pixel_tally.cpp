// Counting pixels, and intersection over union.
#include "springbok/metrics/pixel_tally.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "springbok/base/error.h"
#include "springbok/base/json_number.h"

namespace springbok::metrics {
namespace {

using Json = nlohmann::ordered_json;

double share(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

double iou_of(std::int64_t both, std::int64_t united, IouForm form) {
  constexpr double kElasticEpsilon = 1e-10;
  if (form != IouForm::elastic) return share(both, united);
  return static_cast<double>(both) / (static_cast<double>(united) + kElasticEpsilon);
}

/// Adds a class of so many pixels to the sums of `summary`.
void add_class(PixelSummary& summary, std::int64_t both, std::int64_t truth, std::int64_t predicted, IouForm form) {
  const std::int64_t united = truth + predicted - both;
  if (united == 0) summary.unseen.push_back(std::ssize(summary.iou));
  summary.intersection.push_back(both);
  summary.united.push_back(united);
  summary.iou.push_back(iou_of(both, united, form));
}

}  // namespace

std::int64_t PixelTally::at(std::int64_t truth, std::int64_t predicted) const {
  return pixels.at(static_cast<std::size_t>(truth * (classes + 1) + predicted));
}

PixelTally& PixelTally::operator+=(const PixelTally& other) {
  if (classes == 0) {
    classes = other.classes;
    pixels.resize(other.pixels.size());
  }
  if (other.classes != 0 && classes != other.classes) {
    fail("tallies of {} and of {} classes cannot be added", classes, other.classes);
  }
  samples += other.samples;
  loss += other.loss;
  for (std::size_t i = 0; i < other.pixels.size(); ++i) pixels[i] += other.pixels[i];
  return *this;
}

PixelTally count_pixels(std::span<const std::uint8_t> truth, std::span<const std::uint8_t> predicted,
                        std::int64_t classes) {
  if (truth.size() != predicted.size()) {
    fail("a mask of {} pixels and a prediction of {} do not fit", truth.size(), predicted.size());
  }
  if (classes < 1 || classes > kIgnoredPixel) {
    fail("{} classes of pixels: there are between 1 and {}", classes, kIgnoredPixel);
  }
  PixelTally tally{.classes = classes, .pixels = std::vector<std::int64_t>(classes * (classes + 1))};
  for (std::size_t i = 0; i < truth.size(); ++i) {
    if (truth[i] == kIgnoredPixel) continue;
    if (truth[i] >= classes) fail("a mask has a pixel of class {}, there are {} classes", truth[i], classes);
    const std::int64_t column = std::min<std::int64_t>(predicted[i], classes);
    ++tally.pixels[static_cast<std::size_t>(truth[i] * (classes + 1) + column)];
  }
  return tally;
}

void ClassPixels::add(const ClassPixels& other, std::int64_t times) {
  const std::vector<std::int64_t> zeros(other.both.size());
  if (both.empty()) *this = {.both = zeros, .truth = zeros, .predicted = zeros};
  if (both.size() != other.both.size()) {
    fail("pixels of {} and of {} classes cannot be added", both.size(), other.both.size());
  }
  for (std::size_t c = 0; c < both.size(); ++c) {
    both[c] += times * other.both[c];
    truth[c] += times * other.truth[c];
    predicted[c] += times * other.predicted[c];
  }
}

ClassPixels class_pixels(const PixelTally& tally) {
  const auto classes = static_cast<std::size_t>(tally.classes);
  ClassPixels pixels{.both = std::vector<std::int64_t>(classes),
                     .truth = std::vector<std::int64_t>(classes),
                     .predicted = std::vector<std::int64_t>(classes)};
  for (std::int64_t t = 0; t < tally.classes; ++t) {
    pixels.both[static_cast<std::size_t>(t)] = tally.at(t, t);
    for (std::int64_t p = 0; p <= tally.classes; ++p) {
      pixels.truth[static_cast<std::size_t>(t)] += tally.at(t, p);
      if (p < tally.classes) pixels.predicted[static_cast<std::size_t>(p)] += tally.at(t, p);
    }
  }
  return pixels;
}

PixelSummary summary_of(const PixelTally& tally, IouForm form) {
  return summary_of(class_pixels(tally), form);
}

PixelSummary summary_of(const ClassPixels& pixels, IouForm form) {
  PixelSummary summary;
  std::int64_t right = 0, all = 0;
  double in_mean = 0, in_truth = 0, weighted = 0;
  for (std::size_t c = 0; c < pixels.both.size(); ++c) {
    const std::int64_t both = pixels.both[c], truth = pixels.truth[c];
    add_class(summary, both, truth, pixels.predicted[c], form);
    right += both;
    all += truth;
    weighted += static_cast<double>(truth) * share(both, summary.united.back());
    if (truth > 0) {
      ++in_truth;
      summary.mean_accuracy += share(both, truth);
    }
    if (form == IouForm::truth ? truth == 0 : form == IouForm::seen && summary.united.back() == 0) continue;
    ++in_mean;
    summary.mean_iou += summary.iou.back();
  }
  summary.mean_iou = in_mean == 0 ? 0 : summary.mean_iou / in_mean;
  summary.mean_accuracy = in_truth == 0 ? 0 : summary.mean_accuracy / in_truth;
  summary.accuracy = share(right, all);
  summary.frequency_weighted_iou = all == 0 ? 0 : weighted / static_cast<double>(all);
  return summary;
}

Json to_json(const PixelTally& tally) {
  Json json{{"samples", tally.samples}, {"loss", tally.loss}, {"pixels", Json::array()}};
  for (std::int64_t t = 0; t < tally.classes; ++t) {
    const auto row = tally.pixels.begin() + t * (tally.classes + 1);
    json["pixels"].push_back(std::vector<std::int64_t>(row, row + tally.classes + 1));
  }
  return json;
}

PixelTally pixel_tally_from_json(const Json& json, const std::string& where) {
  PixelTally tally{.samples = whole_number(json, "samples", where), .loss = finite_number(json, "loss", where)};
  const Json& rows = field(json, "pixels", where);
  tally.classes = std::ssize(rows);
  for (const Json& row : rows) {
    if (!is_count_list(row, rows.size() + 1))
      fail("{}: its 'pixels' must be {} lists of {} counts; it is damaged", where, rows.size(), rows.size() + 1);
    for (const Json& number : row) tally.pixels.push_back(number.get<std::int64_t>());
  }
  return tally;
}

}  // namespace springbok::metrics
