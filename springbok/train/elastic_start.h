// Starting a run as allenai/elastic's scripts go on from their checkpoints.
#pragma once

#include <cstdint>
#include <string>

#include "springbok/recipe/recipe.h"
#include "springbok/train/learner.h"

namespace springbok::train {

struct ElasticStart {
  std::int64_t epoch = 0;  ///< epochs that lie behind; above 0 only in a true resume
  std::string text;        ///< what was taken, in a line
};

/// Reads the recipe's `init`, a checkpoint of Elastic's script of the same task, by that script's rules
/// (weights/fit/elastic_resume.h). The learner takes the weights, and in a true resume the optimizer's state. Throws
/// Error where the script would end, and where it would go on though nothing fits. So it does for a file without a
/// state_dict.
ElasticStart start_as_elastic(const recipe::Recipe& recipe, Learner& learner);

}  // namespace springbok::train
