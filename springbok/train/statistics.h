// Running statistics that each rank has of its own: shown to others, kept for them, put back.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "springbok/engine/group.h"
#include "springbok/engine/state.h"
#include "springbok/graph/graph.h"

namespace springbok::train {

/// Means and variances that normalisation layers keep, in the graph's order; the state's own tensors.
std::vector<at::Tensor> running_statistics(const graph::Graph& graph, const engine::State& state);

/// As one row, and back.
at::Tensor row_of_all(const std::vector<at::Tensor>& tensors);
void fill_from_row(const std::vector<at::Tensor>& tensors, const at::Tensor& row);

/// A row of each rank, (ranks, numbers).
at::Tensor rows_of_ranks(const at::Tensor& row, engine::Group& group);

/// While it lives the state has rank 0's statistics, if `asked`. All ranks make one.
class FirstStatistics {
 public:
  FirstStatistics(const graph::Graph& graph, const engine::State& state, engine::Group& group, bool asked);
  ~FirstStatistics();
  FirstStatistics(const FirstStatistics&) = delete;
  FirstStatistics& operator=(const FirstStatistics&) = delete;

 private:
  std::vector<at::Tensor> tensors_;
  at::Tensor own_;
};

}  // namespace springbok::train
