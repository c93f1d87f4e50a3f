// Where a run stands.
#pragma once

#include <cstdint>

#include "springbok/metrics/tally.h"

namespace springbok::run {

/// Where a run stands. Randomness needs no more: every stream is named by seed, epoch, step and sample.
struct Position {
  std::int64_t epoch = 0;          ///< epochs finished, evaluation included
  std::int64_t step = 0;           ///< optimizer steps since the start
  std::int64_t step_in_epoch = 0;  ///< steps of the present epoch
  metrics::Tally sums;             ///< training sums of the present epoch
  std::int64_t skipped = 0;        ///< steps left out because they were not finite
  std::int64_t rollbacks = 0;      ///< to an earlier checkpoint, for the same reason
};

}  // namespace springbok::run
