// What classification is measured by: sums that metrics are made of, kept in integers and doubles.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace springbok::metrics {

/// Sums over samples; the metrics are their ratios, so parts may be added in any split.
struct ClassTally {
  std::int64_t samples = 0;
  std::int64_t top1 = 0;  ///< samples whose best class is right
  std::int64_t top5 = 0;  ///< samples whose five best classes hold the right one
  double loss = 0;        ///< summed, not averaged

  double mean_loss() const { return samples == 0 ? 0 : loss / static_cast<double>(samples); }
  double top1_percent() const { return percent(top1); }
  double top5_percent() const { return percent(top5); }
  ClassTally& operator+=(const ClassTally& other);
  bool operator==(const ClassTally&) const = default;

 private:
  double percent(std::int64_t hits) const {
    return samples == 0 ? 0 : 100.0 * static_cast<double>(hits) / static_cast<double>(samples);
  }
};

/// One class's share of an evaluation.
struct ClassCount {
  std::int64_t samples = 0, top1 = 0, top5 = 0;
  std::int64_t predicted = 0;  ///< samples of any class whose best class is this one

  double recall() const { return samples == 0 ? 0 : static_cast<double>(top1) / static_cast<double>(samples); }
  double precision() const { return predicted == 0 ? 0 : static_cast<double>(top1) / static_cast<double>(predicted); }
};

/// Counts of (true class, best class), row-major.
class Confusion {
 public:
  explicit Confusion(std::int64_t classes);
  void add(std::int64_t truth, std::int64_t predicted);
  std::int64_t at(std::int64_t truth, std::int64_t predicted) const;
  std::int64_t classes() const { return classes_; }

 private:
  std::size_t place(std::int64_t truth, std::int64_t predicted) const;

  std::int64_t classes_;
  std::vector<std::int64_t> counts_;
};

/// CSV with the class names as header row and first column; rows are true classes.
std::string confusion_csv(const Confusion& confusion, const std::vector<std::string>& classes);

/// A table for people: class, images, top-1, top-5, precision; one line a class, the classes without images left to the
/// end.
std::string per_class_table(const std::vector<ClassCount>& counts, const std::vector<std::string>& classes);

}  // namespace springbok::metrics
