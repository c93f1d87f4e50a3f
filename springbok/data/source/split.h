// The parts of a data set, by name.
#pragma once

#include <string>
#include <vector>

namespace springbok::data {

/// A part of a data set: `train`, `val`, or one that is called otherwise (`test`).
class Split {
 public:
  static const Split train, val;  // NOLINT(readability-identifier-naming): read as names of a choice

  /// Throws UsageError for a name that is no plain word.
  explicit Split(std::string name);

  const std::string& name() const { return name_; }
  /// How data sets may call it: for `val` also `valid` and `validation`, in this order; for others the name alone.
  std::vector<Split> spellings() const;
  /// Whether a data set of two parts means its second one by it: `val` and its spellings, `test`.
  bool is_second() const;
  bool operator==(const Split&) const = default;

 private:
  std::string name_;
};

inline const Split Split::train{"train"};
inline const Split Split::val{"val"};

/// The names that a data set's parts have: train, val, valid, validation, test.
const std::vector<Split>& usual_splits();

}  // namespace springbok::data
