// How much memory a training step will take, told from its steps before any is run.
#pragma once

#include <cstdint>

#include "springbok/base/indexed.h"
#include "springbok/engine/steps.h"
#include "springbok/graph/graph.h"

namespace springbok::engine {

/// Bytes.
struct StepMemory {
  std::int64_t peak = 0;   ///< the end of the highest block: values, their gradients, parameters' gradients
  std::int64_t alive = 0;  ///< the most that is in use at once, without gaps
  std::int64_t kept = 0;   ///< of the values, what backward reads: in use when forward ends
  std::int64_t masks = 0;  ///< of that, what is no value: pooling's indices, dropout's masks
};

/// Walks forward and backward through the steps as the executor and autograd do. It takes and gives back a block for
/// each value, gradient and mask in an arena without memory, so that gaps count too. `input` is (N,C,H,W) of one batch;
/// the steps may be of another size. With `recompute` as recompute.h has it. Scratch of convolutions is counted as
/// twice the weights. Throws as `infer` does.
///
/// `item`: bytes of each node's numbers, in mixed precision; empty: 4. Convolutions and linear layers then keep copies
/// of half the size of what is float32: their weights, and inputs.
StepMemory step_memory(const graph::Graph& graph, const Steps& steps, const graph::Shape& input, bool recompute = false,
                       const Indexed<std::int64_t>& item = {});

}  // namespace springbok::engine
