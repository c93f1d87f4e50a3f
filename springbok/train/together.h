// What the ranks of a training do together: sum, agree, go the same way when one of them fails.
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
  EndedElsewhere(const std::string& text, bool usage_error) : Error(text), usage(usage_error) {}
  bool usage;  ///< what that one said is a UsageError
};

/// A tensor's memory in one row, in the order in which it lies.
at::Tensor row_of(const at::Tensor& tensor);

/// Makes each tensor the sum over all ranks, the same bits on each; in one sum for each type in a row. All ranks have
/// as many tensors, of the same sizes, types and layouts.
void sum_over_ranks(const std::vector<at::Tensor>& tensors, engine::Group& group);

/// The sums of the numbers over all ranks.
std::vector<double> summed_over_ranks(const std::vector<double>& numbers, engine::Group& group);

/// What rank 0 says.
bool of_first_rank(bool mine, engine::Group& group);

/// Each rank's text, in the order of ranks.
std::vector<std::string> gather(const std::string& mine, engine::Group& group);

/// A tally as a text that may be gathered; its loss may be no number. And the sum of several, in their order.
std::string packed(const metrics::Tally& tally);
metrics::Tally sum_of_packed(const std::vector<std::string>& tallies, const metrics::Task& task);

/// An error as ranks tell each other; empty where there is none.
struct Failure {
  std::string text;
  bool usage = false;
};

/// Ends all ranks where one or more have failed: the first of these throws `what` of its failure, the others
/// EndedElsewhere with the same text. Nothing where none has.
void end_where_one_failed(const Failure& mine, engine::Group& group);

/// Does the work on every rank. Where it throws Error on one or more, all leave together: the first of them with its
/// error, the others with EndedElsewhere, which says the same. What is no Error is let through at once, as is a
/// RankLost.
void all_or_none(engine::Group& group, const std::function<void()>& work);

/// The same where only rank 0 works, the others wait.
void on_first_rank(engine::Group& group, const std::function<void()>& work);

}  // namespace springbok::train
