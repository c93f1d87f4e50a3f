// What one pass over a graph is told beside its input.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>

#include "springbok/base/precision.h"
#include "springbok/engine/effects.h"
#include "springbok/engine/group.h"
#include "springbok/graph/graph.h"

namespace springbok::engine {

/// Scalars of a step that scale how much is dropped: the probability is the graph's times this, 0 to 1. So a schedule
/// inside a network moves without another graph; 1 changes nothing.
struct Ramps {
  double dropout = 1;
  double drop_path = 1;
  double drop_block = 1;
};

/// Whether a pass trains, the names of its random streams, and where what it leaves behind goes.
struct Pass {
  bool train = false;  ///< batch statistics, dropout acts
  std::uint64_t seed = 0;
  std::int64_t step = 0;          ///< optimizer step
  std::int64_t first_sample = 0;  ///< index of the batch's first sample within the step (accumulation, ranks)
  Ramps ramps = {};
  Precision precision = Precision::fp32;  ///< of what is computed; the output is of the input's type in any case
  /// Under autograd, keep only what enters each block, and run blocks again in backward (recompute.h): less memory, a
  /// third more time, the same bits. The executor, the state and the group must then outlive backward.
  bool recompute = false;
  /// Where the auxiliary output of a graph that has one goes, in training: to the caller's tensor.
  at::Tensor* auxiliary = nullptr;
  /// Where running statistics move to, in training; without it they stay as they are.
  Effects* effects = nullptr;
  /// The ranks that take part in the step.
  Group* group = &alone();
  /// Called with each node's value as it is made, to look for the first one that is not finite. Values may later be
  /// overwritten in place: look at once.
  std::function<void(graph::NodeId, const at::Tensor&)> observe = {};
};

}  // namespace springbok::engine
