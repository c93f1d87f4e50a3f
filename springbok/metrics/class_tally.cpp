// The sums, per-class counts, the confusion matrix, and how they are written down.
#include "springbok/metrics/class_tally.h"

#include <algorithm>

#include "springbok/base/error.h"
#include "springbok/base/quote.h"
#include "springbok/metrics/csv.h"

namespace springbok::metrics {

ClassTally& ClassTally::operator+=(const ClassTally& other) {
  samples += other.samples;
  top1 += other.top1;
  top5 += other.top5;
  loss += other.loss;
  return *this;
}

Confusion::Confusion(std::int64_t classes) : classes_(classes) {
  constexpr std::int64_t kMostClasses = 30000;  // 7.2 GB of counts
  if (classes < 1) fail("a confusion matrix has one class or more, not {}", classes);
  if (classes > kMostClasses) fail("a confusion matrix of {} classes does not fit in memory", classes);
  counts_.resize(static_cast<std::size_t>(classes * classes));
}

std::size_t Confusion::place(std::int64_t truth, std::int64_t predicted) const {
  for (const std::int64_t each : {truth, predicted}) {
    if (each < 0 || each >= classes_) fail("a confusion matrix: class {} is none of its {}", each, classes_);
  }
  return static_cast<std::size_t>(truth * classes_ + predicted);
}

void Confusion::add(std::int64_t truth, std::int64_t predicted) {
  ++counts_[place(truth, predicted)];
}

std::int64_t Confusion::at(std::int64_t truth, std::int64_t predicted) const {
  return counts_[place(truth, predicted)];
}

std::string confusion_csv(const Confusion& confusion, const std::vector<std::string>& classes) {
  if (std::ssize(classes) != confusion.classes()) {
    fail("{} names for the {} classes of a confusion matrix", classes.size(), confusion.classes());
  }
  std::string text = "true/predicted";
  for (const std::string& name : classes) text += ',' + csv_field(name);
  text += '\n';
  for (std::int64_t truth = 0; truth < confusion.classes(); ++truth) {
    text += csv_field(classes[static_cast<std::size_t>(truth)]);
    for (std::int64_t guess = 0; guess < confusion.classes(); ++guess)
      text += format(",{}", confusion.at(truth, guess));
    text += '\n';
  }
  return text;
}

std::string per_class_table(const std::vector<ClassCount>& counts, const std::vector<std::string>& classes) {
  if (counts.size() != classes.size()) fail("{} names for the counts of {} classes", classes.size(), counts.size());
  std::size_t width = 5;
  std::vector<std::string> names;
  for (const std::string& name : classes) width = std::max(width, names.emplace_back(shortened(name)).size());
  std::string text =
      format("{:<{}} {:>8} {:>7} {:>7} {:>9}\n", "class", width, "images", "top-1", "top-5", "precision");
  std::string empty;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const ClassCount& count = counts[i];
    if (count.samples == 0) {
      empty += format("{:<{}} {:>8} {:>7} {:>7} {:>8.2f}%\n", names[i], width, 0, "-", "-", 100 * count.precision());
      continue;
    }
    const double top5 = 100.0 * static_cast<double>(count.top5) / static_cast<double>(count.samples);
    text += format("{:<{}} {:>8} {:>6.2f}% {:>6.2f}% {:>8.2f}%\n", names[i], width, with_commas(count.samples),
                   100 * count.recall(), top5, 100 * count.precision());
  }
  return text + empty;
}

}  // namespace springbok::metrics
