// A network's parameters and buffers as tensors, one for each parameter of its graph, in the graph's order.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "springbok/base/indexed.h"
#include "springbok/graph/graph.h"
#include "springbok/tensors/pair.h"
#include "springbok/tensors/value.h"

namespace springbok::engine {

struct State {
  Indexed<at::Tensor> tensors;
};

/// Tensors to be filled, counters at 0, each laid out as the executor's convolutions want it: whoever makes a state
/// begins here, so that all run the same kernels. Float or double.
State allocate(const graph::Graph& graph, at::ScalarType dtype = at::kFloat);

/// Fresh values: each parameter from `Rng(seed, its name)`, so that none depends on the others. Float or double.
/// Trainable tensors require gradients.
State initialise(const graph::Graph& graph, std::uint64_t seed, at::ScalarType dtype = at::kFloat);

/// The tensors under their names, without a copy (each keeps its tensor alive).
tensors::StateDict state_dict(const graph::Graph& graph, const State& state);

/// One tensor as plain data, without a copy when contiguous on the CPU, and the reverse (a copy).
tensors::Tensor to_plain(const at::Tensor& tensor);
at::Tensor from_plain(const tensors::Tensor& tensor);

/// Copies the paired tensors into the state, converting the dtype. Nothing else is touched.
void load(std::span<const tensors::Pair> pairs, const tensors::StateDict& dict, State& state);

}  // namespace springbok::engine
