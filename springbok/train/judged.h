// What a run knows of a step's time, and of an evaluation.
#pragma once

#include <cstdint>
#include <vector>

#include "springbok/metrics/goal.h"
#include "springbok/model/evaluate.h"
#include "springbok/run/line.h"

namespace springbok::train {

struct StepTimes : run::Times {
  double wait = 0;  ///< of computing: for other ranks
};

/// An evaluation, as all ranks know it.
struct Judged {
  model::Evaluation evaluation;
  std::vector<double> losses = {};           ///< summed, of each batch of this rank
  std::vector<std::int64_t> images = {};     ///< of each
  metrics::Metrics val = {};                 ///< what counts
  std::vector<metrics::Metrics> ranks = {};  ///< of each rank, where each evaluates all images
};

}  // namespace springbok::train
