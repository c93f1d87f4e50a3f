// Runs one step of a pass on ATen.
#pragma once

#include <ATen/core/Tensor.h>

#include "springbok/base/indexed.h"
#include "springbok/engine/effects.h"
#include "springbok/engine/fuse.h"
#include "springbok/engine/kernels/dense_block.h"
#include "springbok/engine/pass.h"
#include "springbok/engine/state.h"
#include "springbok/engine/steps.h"
#include "springbok/graph/graph.h"

namespace springbok::engine {

/// What the steps of one pass share.
struct Running {
  const graph::Graph& graph;
  const Fusions& fusions;
  const State& state;
  const Pass& pass;
  Effects& effects;                   ///< of the pass, or those that nobody wants
  const Indexed<at::Tensor>& values;  ///< by node: what is alive
  DenseBlocks& blocks;                ///< by node: the dense block whose memory the value lies in
};

/// The value of the step's node. Throws Error naming the layer.
at::Tensor run_step(const Running& running, const Step& step);

}  // namespace springbok::engine
