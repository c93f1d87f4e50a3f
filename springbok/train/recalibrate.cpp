// Statistics of single batches, and their mean.
#include "springbok/train/recalibrate.h"

#include <ATen/core/grad_mode.h>

#include <vector>

#include "springbok/engine/executor.h"
#include "springbok/engine/place.h"

namespace springbok::train {
namespace {

/// The graph whose norms take a batch's statistics as they are, without those before.
graph::Graph without_memory(graph::Graph graph) {
  const auto count = static_cast<graph::NodeId>(graph.nodes().size());
  for (graph::NodeId id = 0; id < count; ++id) {
    graph::Op op = graph.node(id).op;
    std::visit(
        [&]<class T>(T& norm) {
          if constexpr (requires { norm.momentum; }) norm.momentum = 1;
        },
        op);
    graph.set_op(id, std::move(op));
  }
  return graph;
}

/// The running statistics that train.
std::vector<graph::ParamId> statistics_of(const graph::Graph& graph) {
  std::vector<graph::ParamId> ids;
  for (const graph::Node& node : graph.nodes()) {
    std::visit(
        [&]<class T>(const T& norm) {
          if constexpr (std::is_same_v<T, graph::Norm>) {
            if (norm.kind == graph::NormKind::frozen) return;
          }
          if constexpr (requires { norm.mean; }) ids.push_back(norm.mean);
          if constexpr (requires { norm.var; }) ids.push_back(norm.var);
        },
        node.op);
  }
  std::erase(ids, graph::kNoParam);
  return ids;
}

}  // namespace

std::int64_t recalibrate(const graph::Graph& graph, engine::State& state,
                         const std::function<std::optional<at::Tensor>()>& next, std::uint64_t seed) {
  const at::NoGradGuard no_grad;
  const graph::Graph forgetful = without_memory(graph);
  const engine::Executor executor(forgetful);
  const std::vector<graph::ParamId> ids = statistics_of(graph);
  std::vector<at::Tensor> means;
  std::int64_t images = 0, batches = 0;
  for (auto batch = next(); batch; batch = next()) {
    engine::Effects effects;
    const at::Tensor here = engine::upload(*batch, engine::device_of(state));
    executor.forward(state, here, {.train = true, .seed = seed, .step = batches, .effects = &effects});
    images += batch->size(0);
    ++batches;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const at::Tensor value = effects.moving(ids[i], state);
      if (batches == 1) means.push_back(value.clone());
      if (batches > 1) means[i].add_(value.sub(means[i]), 1 / static_cast<double>(batches));
    }
  }
  for (std::size_t i = 0; i < means.size(); ++i) state.tensors[ids[i]].copy_(means[i]);
  return images;
}

}  // namespace springbok::train
