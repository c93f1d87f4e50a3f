// The kinds of golden files of metrics.
#include "tests/golden/functions/functions.h"

namespace springbok::golden {

std::vector<Kind> metric_kinds() {
  return {};
}

}  // namespace springbok::golden
