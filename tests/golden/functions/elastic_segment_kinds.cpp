// The kinds of golden files of Elastic's segmentation.
#include "tests/golden/functions/functions.h"

namespace springbok::golden {

std::vector<Kind> elastic_segment_kinds() {
  return {};
}

}  // namespace springbok::golden
