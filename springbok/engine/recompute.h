// Activation checkpointing: in training, values inside a block are not kept for backward, but computed again there.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <vector>

#include "springbok/engine/run_step.h"
#include "springbok/engine/steps.h"

namespace springbok::engine {

/// Some neighbouring steps of a pass that leave one value to those behind.
struct Stretch {
  std::size_t first = 0, end = 0;     ///< steps [first, end)
  std::vector<graph::NodeId> enters;  ///< what they read of the image and of earlier stretches' values
  graph::NodeId leaves = 0;
};

/// The steps cut where blocks end: wherever one value alone is new and alive, six steps or more after the last cut.
/// Older values may live on where that moves no bit: the image, which takes no gradient, and what at most one step of
/// the stretch reads. Gradients are then added in the order that they have without. A dense block with one
/// memory stays whole. What follows the last cut is a stretch too, the last one.
std::vector<Stretch> stretches(const graph::Graph& graph, const Steps& steps);

/// The output of a pass over `input` by these steps (Chen et al. 2016, section 4.1: one level). Only what enters a
/// stretch is kept. In backward a stretch runs again, with the same random streams and without effects: gradients have
/// the bits that they have without. The last stretch is kept whole, since backward begins with it. The
/// graph, the fusions, the state and the group must outlive backward.
at::Tensor run_recomputing(const Running& running, const Steps& steps, const at::Tensor& input);

}  // namespace springbok::engine
