// The kinds of golden files of modules.
#include "tests/golden/functions/functions.h"

namespace springbok::golden {

std::vector<Kind> module_kinds() {
  return {};
}

}  // namespace springbok::golden
