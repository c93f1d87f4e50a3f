// The kinds of golden files of augmentation.
#include "tests/golden/functions/functions.h"

namespace springbok::golden {

std::vector<Kind> augment_kinds() {
  return {};
}

}  // namespace springbok::golden
