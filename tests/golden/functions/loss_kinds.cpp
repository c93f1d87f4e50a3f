// The kinds of golden files of losses and mixtures.
#include "tests/golden/functions/functions.h"

namespace springbok::golden {

std::vector<Kind> loss_kinds() {
  return {};
}

}  // namespace springbok::golden
