// Which classes a network takes for which: counted from predictions, shown as a matrix and a table.
#pragma once

#include <string>
#include <vector>

#include "springbok/metrics/class_tally.h"
#include "springbok/metrics/prediction.h"

namespace springbok::study {

struct Errors {
  std::vector<std::string> classes;
  std::vector<metrics::ClassCount> counts;  ///< of each class; `top5` is not counted
  metrics::Confusion confusion;
};

/// Of the predictions whose class is known. Classes come in the order given; names that are not among them follow.
Errors count_errors(const std::vector<metrics::Ranked>& predictions, std::vector<std::string> classes = {});

/// The matrix (of up to 40 classes), the pairs that are confused most, and a row a class. "" when nothing was counted.
std::string errors_html(const Errors& errors);

}  // namespace springbok::study
