// The kinds of golden files of Elastic's classification.
#include "tests/golden/functions/functions.h"

namespace springbok::golden {

std::vector<Kind> elastic_kinds() {
  return {};
}

}  // namespace springbok::golden
