// What the ranks of a training do together: sum gradients, agree, go the same way when one of them fails.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <string>
#include <vector>

#include "springbok/base/error.h"
#include "springbok/engine/group.h"
#include "springbok/metrics/tally.h"

namespace springbok::train {

/// Why this rank ends although nothing is wrong with it: another one has said why.
class EndedElsewhere : public Error {
 public:
  using Error::Error;
};

/// Makes each tensor the sum over all ranks, the same bits on each. They travel in buckets of 25 MB, several at a time.
/// All ranks have as many tensors, of the same sizes, types and layouts.
void sum_over_ranks(const std::vector<at::Tensor>& tensors, engine::Group& group);

/// Each rank's text, in the order of ranks.
std::vector<std::string> gather(const std::string& mine, engine::Group& group);

/// The tally of all ranks together, added in the order of ranks.
metrics::Tally tally_of_all(const metrics::Tally& mine, const metrics::Task& task, engine::Group& group);

/// Does the work on every rank. Where it throws Error on one or more, all leave: those with the error of the first of
/// them, the others with EndedElsewhere, which says the same. A RankLost is let through at once.
void all_or_none(engine::Group& group, const std::function<void()>& work);

/// The same where only rank 0 works, the others wait.
void on_first_rank(engine::Group& group, const std::function<void()>& work);

}  // namespace springbok::train
