// Losses and gradients that are no numbers any more, and where that began.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "springbok/base/error.h"
#include "springbok/engine/executor.h"
#include "springbok/engine/state.h"
#include "springbok/graph/graph.h"

namespace springbok::train {

/// The loss or a gradient is not finite: `what()` says which, at which step, and the first layer where that shows.
class NotFinite : public Error {
 public:
  NotFinite(const std::string& text, std::vector<double> sums) : Error(text), losses(std::move(sums)) {}
  std::vector<double> losses;  ///< summed over each batch of the step so far
};

/// The parameter whose gradient the backward pass made not finite first, by name; "" where all are finite.
std::string find_bad_gradient(const graph::Graph& graph, const engine::State& state);

/// Whether all gradients are finite: a sum of each, and a closer look where one is not.
bool gradients_finite(const graph::Graph& graph, const engine::State& state);

/// The first node whose output is not finite when this batch is run again (which moves nothing), in words
/// (`layer1.0.conv1, whose weight is not finite`), or "the loss itself" when all are finite.
std::string find_not_finite(const graph::Graph& graph, const engine::State& state, const engine::Executor& executor,
                            const at::Tensor& input, engine::Pass pass);

}  // namespace springbok::train
