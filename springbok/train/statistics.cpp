// Statistics as rows.
#include "springbok/train/statistics.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/zeros.h>

#include <variant>

namespace springbok::train {

std::vector<at::Tensor> running_statistics(const graph::Graph& graph, const engine::State& state) {
  std::vector<at::Tensor> list;
  for (const graph::Node& node : graph.nodes()) {
    std::visit(
        [&]<class Op>(const Op& op) {
          if constexpr (requires { op.mean; }) list.push_back(state.tensors[op.mean].detach());
          if constexpr (requires { op.var; }) list.push_back(state.tensors[op.var].detach());
        },
        node.op);
  }
  return list;
}

at::Tensor row_of_all(const std::vector<at::Tensor>& tensors) {
  std::vector<at::Tensor> rows;
  for (const at::Tensor& tensor : tensors) rows.push_back(tensor.flatten());
  return rows.empty() ? at::zeros({0}) : at::cat(rows);
}

void fill_from_row(const std::vector<at::Tensor>& tensors, const at::Tensor& row) {
  const at::NoGradGuard no_grad;
  std::int64_t at = 0;
  for (const at::Tensor& tensor : tensors) {
    tensor.copy_(row.narrow(0, at, tensor.numel()).view(tensor.sizes()));
    at += tensor.numel();
  }
}

at::Tensor rows_of_ranks(const at::Tensor& row, engine::Group& group) {
  at::Tensor all = at::zeros({group.size(), row.numel()}, row.options());
  all[group.rank()].copy_(row);
  if (all.numel() > 0) group.sum(all);
  return all;
}

FirstStatistics::FirstStatistics(const graph::Graph& graph, const engine::State& state, engine::Group& group,
                                 bool asked) {
  if (!asked) return;
  tensors_ = running_statistics(graph, state);
  own_ = row_of_all(tensors_);
  fill_from_row(tensors_, rows_of_ranks(own_, group)[0]);
}

FirstStatistics::~FirstStatistics() {
  if (own_.defined()) fill_from_row(tensors_, own_);
}

}  // namespace springbok::train
