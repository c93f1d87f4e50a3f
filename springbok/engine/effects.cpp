// Running statistics beside the state.
#include "springbok/engine/effects.h"

#include <ATen/core/grad_mode.h>

#include "springbok/base/error.h"
#include "springbok/graph/op.h"

namespace springbok::engine {

const at::Tensor& Effects::moving(graph::ParamId id, const State& state) {
  if (values_.empty()) values_.resize(state.tensors.size());
  at::Tensor& value = values_[id];
  if (!value.defined()) value = state.tensors[id].detach().clone();
  return value;
}

void Effects::apply(State& state) {
  if (empty()) return;
  check(values_.size() == state.tensors.size(), "effects of another graph's pass");
  const at::NoGradGuard no_grad;
  for (std::size_t i = 0; i < values_.size(); ++i) {
    if (values_[i].defined()) state.tensors[i].copy_(values_[i]);
  }
  clear();
}

std::vector<at::Tensor> Effects::statistics(const graph::Graph& graph, const State& state) {
  std::vector<at::Tensor> list;
  for (const graph::Node& node : graph.nodes()) {
    if (const auto* norm = std::get_if<graph::Norm>(&node.op); norm != nullptr && norm->kind != graph::NormKind::batch)
      continue;
    std::visit(
        [&]<class Op>(const Op& op) {
          if constexpr (requires { op.mean; }) list.push_back(moving(op.mean, state));
          if constexpr (requires { op.var; }) list.push_back(moving(op.var, state));
        },
        node.op);
  }
  return list;
}

}  // namespace springbok::engine
