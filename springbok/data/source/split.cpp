// The parts of a data set.
#include "springbok/data/source/split.h"

#include <algorithm>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/base/text.h"

namespace springbok::data {

Split::Split(std::string name) : name_(std::move(name)) {
  const bool leads_elsewhere = name_.empty() || name_ == "." || name_ == ".." || name_.find('/') != std::string::npos ||
                               name_.find('\0') != std::string::npos;
  if (leads_elsewhere) fail_usage("--split: '{}' is no name of a part, such as train, val or test", name_);
}

std::vector<Split> Split::spellings() const {
  if (*this != val) return {*this};
  return {*this, Split("valid"), Split("validation")};
}

bool Split::is_second() const {
  const std::vector<Split> vals = val.spellings();
  return name_ == "test" || std::find(vals.begin(), vals.end(), *this) != vals.end();
}

const std::vector<Split>& usual_splits() {
  static const std::vector<Split> all{Split::train, Split::val, Split("valid"), Split("validation"), Split("test")};
  return all;
}

}  // namespace springbok::data
