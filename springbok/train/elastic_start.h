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

/// Reads the recipe's `init`, a checkpoint of the script of the recipe's task, by that script's rules
/// (weights/fit/elastic_resume.h): weights, and in a true resume the optimizer's state, which the learner's optimizer
/// takes. Where a script goes on without a word though nothing fits, and where it would end, this throws Error. So it
/// does for a file without a state_dict.
ElasticStart start_as_elastic(const recipe::Recipe& recipe, Learner& learner);

}  // namespace springbok::train
