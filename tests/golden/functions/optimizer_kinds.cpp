// The kinds of golden files of optimizers, groups, initialisation and schedules.
#include "tests/golden/functions/functions.h"

namespace springbok::golden {

std::vector<Kind> optimizer_kinds() {
  return {};
}

}  // namespace springbok::golden
