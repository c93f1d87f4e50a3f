// Finding the layer where a loss stopped being a number.
#include "springbok/train/not_finite.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/stack.h>

#include <cmath>

#include "springbok/tasks/finite.h"

namespace springbok::train {
namespace {

/// `, whose weight is not finite` for a node that owns such a parameter, else "".
std::string bad_parameter(const graph::Graph& graph, const engine::State& state, graph::NodeId id) {
  const std::string prefix = graph.node(id).path + ".";
  if (graph.node(id).path.empty()) return "";
  for (std::size_t i = 0; i < graph.params().size(); ++i) {
    const std::string& name = graph.params()[i].name;
    if (name.rfind(prefix, 0) == 0 && !graph.params()[i].buffer && !tasks::all_finite(state.tensors[i])) {
      return format(", whose {} is not finite since the update before", name.substr(prefix.size()));
    }
  }
  return "";
}

}  // namespace

std::string find_bad_gradient(const graph::Graph& graph, const engine::State& state) {
  const at::NoGradGuard no_grad;
  for (std::size_t i = graph.params().size(); i-- > 0;) {  // the last layer's comes first
    const at::Tensor& gradient = state.tensors[i].grad();
    if (gradient.defined() && !tasks::all_finite(gradient)) return graph.params()[i].name;
  }
  return "";
}

bool gradients_finite(const graph::Graph& graph, const engine::State& state) {
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> sums;  // a sum passes on what is not finite, at the speed of memory
  for (const at::Tensor& tensor : state.tensors) {
    if (tensor.grad().defined()) sums.push_back(tensor.grad().sum());
  }
  if (sums.empty() || std::isfinite(at::stack(sums).sum().item<double>())) return true;
  return find_bad_gradient(graph, state).empty();  // sums of finite numbers may overflow
}

std::string find_not_finite(const graph::Graph& graph, const engine::State& state, const engine::Executor& executor,
                            const at::Tensor& input, engine::Pass pass) {
  const at::NoGradGuard no_grad;
  if (!tasks::all_finite(input)) return "the input";
  std::string found;
  pass.effects = nullptr;
  pass.observe = [&](graph::NodeId id, const at::Tensor& value) {
    if (found.empty() && !tasks::all_finite(value)) found = graph::label(graph, id) + bad_parameter(graph, state, id);
  };
  executor.forward(state, input, pass);
  return found.empty() ? "the loss itself" : found;
}

}  // namespace springbok::train
