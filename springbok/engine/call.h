// Inside the room: what must hold of a call before a graph runs, and what an error of LibTorch becomes.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/util/Exception.h>

#include <string>

#include "springbok/engine/pass.h"
#include "springbok/engine/state.h"
#include "springbok/graph/graph.h"

namespace springbok::engine {

/// Throws Error for a state of another graph, and for an input that its parameters cannot meet: undefined, of another
/// type or on another device. Shapes of inputs are `graph::infer`'s.
void expect_call(const graph::Graph& graph, const State& state, const at::Tensor& input);

/// Throws Error for ramps that are no share.
void expect_pass(const Pass& pass);

/// LibTorch's refusal as an Error of one line that names the layer.
[[noreturn]] void fail_at(const std::string& layer, const c10::Error& error);

}  // namespace springbok::engine
