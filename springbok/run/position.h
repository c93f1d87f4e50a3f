// Where a run stands, and how well it did.
#pragma once

#include <cstdint>

#include "springbok/metrics/sums.h"

namespace springbok::run {

/// Where a run stands. Randomness needs no more: every stream is named by seed, epoch, step and sample.
struct Position {
  std::int64_t epoch = 0;          ///< epochs finished, evaluation included
  std::int64_t step = 0;           ///< optimizer steps since the start
  std::int64_t step_in_epoch = 0;  ///< steps of the present epoch
  metrics::Sums sums;              ///< training sums of the present epoch
};

/// The best evaluation so far, by top-1; the earlier one of equals.
struct Best {
  std::int64_t epoch = 0;  ///< 0: none yet
  metrics::Sums sums;
};

}  // namespace springbok::run
