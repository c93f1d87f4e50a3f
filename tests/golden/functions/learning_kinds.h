// Kinds of golden files that optimizer_kinds.cpp adds to its own.
#pragma once

#include "tests/golden/functions/functions.h"

namespace springbok::golden {

/// Schedules of learning rates and of DropBlock.
std::vector<Kind> schedule_kinds_of_files();
/// Parameter groups, zero-gamma, initialisation.
std::vector<Kind> group_kinds();

}  // namespace springbok::golden
