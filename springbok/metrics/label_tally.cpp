// Counting labels.
#include "springbok/metrics/label_tally.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>

#include "springbok/base/error.h"
#include "springbok/base/json_number.h"

namespace springbok::metrics {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kNumbers = 3 + 2 * kSizes;  // of a class in JSON

void check_fits(const LabelScores& scores) {
  const auto cells = static_cast<std::int64_t>(scores.labels.size());
  if (scores.classes < 1 || scores.scores.size() != scores.labels.size() || cells % scores.classes != 0) {
    fail("{} scores and {} labels of {} classes do not fit", scores.scores.size(), scores.labels.size(),
         scores.classes);
  }
}

void count(LabelCount& sum, bool given, std::uint8_t sizes) {
  const bool present = sizes != 0;
  sum.hits += given && present;
  sum.false_alarms += given && !present;
  sum.misses += !given && present;
  for (std::size_t size = 0; size < kSizes; ++size) {
    if ((sizes >> size & 1) == 0) continue;
    (given ? sum.hits_by_size : sum.misses_by_size)[size] += 1;
  }
}

/// A cell (image, class) at a time; `given(cell)` says whether the label was given.
template <class Given>
std::vector<LabelCount> counted(const LabelScores& scores, const Given& given) {
  std::vector<LabelCount> counts(static_cast<std::size_t>(scores.classes));
  for (std::size_t cell = 0; cell < scores.labels.size(); ++cell) {
    count(counts[cell % counts.size()], given(cell), scores.labels[cell]);
  }
  return counts;
}

Json numbers_of(const LabelCount& count) {
  Json numbers{count.hits, count.false_alarms, count.misses};
  for (const auto& sizes : {count.hits_by_size, count.misses_by_size}) {
    for (const std::int64_t number : sizes) numbers.push_back(number);
  }
  return numbers;
}

LabelCount count_from(const Json& numbers, const std::string& where) {
  if (!is_count_list(numbers, kNumbers))
    fail("{}: its 'classes' must be lists of {} counts; it is damaged", where, kNumbers);
  LabelCount count{.hits = numbers[0], .false_alarms = numbers[1], .misses = numbers[2]};
  for (std::size_t size = 0; size < kSizes; ++size) {
    count.hits_by_size[size] = numbers[3 + size];
    count.misses_by_size[size] = numbers[3 + kSizes + size];
  }
  return count;
}

LabelScores scores_from(const Json& json, std::int64_t classes, const std::string& where) {
  LabelScores kept{.classes = classes};
  for (const Json& score : field(json, "scores", where)) {
    if (!score.is_number() && !score.is_null()) fail("{}: its 'scores' must be numbers; it is damaged", where);
    kept.scores.push_back(score.is_null() ? std::numeric_limits<float>::quiet_NaN() : score.get<float>());
  }
  for (const Json& row : field(json, "labels", where)) {
    const std::string digits = row.is_string() ? row.get<std::string>() : "";
    const bool fits = std::ssize(digits) == classes && std::all_of(digits.begin(), digits.end(), [](char digit) {
                        return digit >= '0' && digit <= '8';
                      });
    if (!fits) fail("{}: its 'labels' must be texts of {} digits; it is damaged", where, classes);
    for (const char digit : digits) kept.labels.push_back(static_cast<std::uint8_t>(digit - '0'));
  }
  if (kept.scores.size() != kept.labels.size()) {
    fail("{}: it has {} scores for {} labels; it is damaged", where, kept.scores.size(), kept.labels.size());
  }
  return kept;
}

}  // namespace

LabelCount& LabelCount::operator+=(const LabelCount& other) {
  hits += other.hits;
  false_alarms += other.false_alarms;
  misses += other.misses;
  for (std::size_t size = 0; size < kSizes; ++size) {
    hits_by_size[size] += other.hits_by_size[size];
    misses_by_size[size] += other.misses_by_size[size];
  }
  return *this;
}

LabelTally& LabelTally::operator+=(const LabelTally& other) {
  if (other.classes.empty()) {
    samples += other.samples;
    loss += other.loss;
    return *this;
  }
  const bool first = classes.empty();
  if (first) {
    classes.resize(other.classes.size());
    kept.classes = other.kept.classes;
  }
  if (classes.size() != other.classes.size()) {
    fail("tallies of {} and of {} classes cannot be added", classes.size(), other.classes.size());
  }
  if (kept.classes != other.kept.classes) fail("a tally with scores and one without cannot be added");
  samples += other.samples;
  loss += other.loss;
  for (std::size_t c = 0; c < classes.size(); ++c) classes[c] += other.classes[c];
  kept.scores.insert(kept.scores.end(), other.kept.scores.begin(), other.kept.scores.end());
  kept.labels.insert(kept.labels.end(), other.kept.labels.begin(), other.kept.labels.end());
  return *this;
}

std::vector<LabelCount> count_above(const LabelScores& scores, double threshold) {
  check_fits(scores);
  return counted(scores, [&](std::size_t cell) { return static_cast<double>(scores.scores[cell]) > threshold; });
}

std::vector<LabelCount> count_best(const LabelScores& scores, std::int64_t k, double threshold) {
  check_fits(scores);
  const auto score = [&](std::size_t cell) {
    const float value = scores.scores[cell];
    return std::isnan(value) ? -std::numeric_limits<float>::infinity() : value;
  };
  std::vector<bool> given(scores.labels.size());
  const auto classes = static_cast<std::size_t>(scores.classes);
  std::vector<std::size_t> row(classes);
  for (std::size_t first = 0; first < given.size(); first += classes) {
    std::iota(row.begin(), row.end(), first);
    std::stable_sort(row.begin(), row.end(), [&](std::size_t a, std::size_t b) { return score(a) > score(b); });
    for (std::size_t i = 0; i < std::min(static_cast<std::size_t>(std::max<std::int64_t>(k, 0)), classes); ++i) {
      given[row[i]] = static_cast<double>(score(row[i])) > threshold;
    }
  }
  return counted(scores, [&](std::size_t cell) { return given[cell]; });
}

Json to_json(const LabelTally& tally) {
  Json json{{"samples", tally.samples}, {"loss", tally.loss}, {"classes", Json::array()}};
  for (const LabelCount& count : tally.classes) json["classes"].push_back(numbers_of(count));
  if (tally.kept.classes == 0) return json;
  json["scores"] = tally.kept.scores;
  json["labels"] = Json::array();
  const auto classes = static_cast<std::size_t>(tally.kept.classes);
  for (std::size_t first = 0; first < tally.kept.labels.size(); first += classes) {
    std::string row;
    for (std::size_t c = 0; c < classes; ++c) row += static_cast<char>('0' + tally.kept.labels[first + c]);
    json["labels"].push_back(row);
  }
  return json;
}

LabelTally label_tally_from_json(const Json& json, const std::string& where) {
  LabelTally tally{.samples = whole_number(json, "samples", where), .loss = finite_number(json, "loss", where)};
  for (const Json& numbers : field(json, "classes", where)) tally.classes.push_back(count_from(numbers, where));
  if (json.contains("scores")) {
    tally.kept = scores_from(json, static_cast<std::int64_t>(tally.classes.size()), where);
  }
  return tally;
}

}  // namespace springbok::metrics
