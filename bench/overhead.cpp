// What the executor costs a node, beside ATen: a graph of 1,000 additions of one value against the same calls by hand.
#include <ATen/Functions.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include "springbok/engine/executor.h"
#include "springbok/graph/build.h"

namespace springbok {
namespace {

constexpr int kNodes = 1000;
constexpr int kRounds = 200;

graph::Graph chain() {
  graph::Graph graph;
  const graph::Value x = graph::input(graph, 1);
  graph::Value y = graph::add(x, x);
  for (int i = 1; i < kNodes; ++i) y = graph::add(y, x);
  graph::output(y);
  return graph;
}

at::Tensor by_hand(const at::Tensor& x) {
  at::Tensor y = at::add(x, x);
  for (int i = 1; i < kNodes; ++i) y.add_(x);
  return y;
}

double seconds(const auto& work) {
  const auto began = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

void run() {
  const at::NoGradGuard no_grad;
  const graph::Graph graph = chain();
  const engine::Executor executor(graph);
  engine::State state;
  const at::Tensor x = at::ones({1, 1, 1, 1});
  std::vector<double> ours, hand;
  for (int round = 0; round < kRounds; ++round) {
    ours.push_back(seconds([&] { executor.forward(state, x, {}); }));
    hand.push_back(seconds([&] { by_hand(x); }));
  }
  const double a_node = 1e6 / kNodes, all = median(ours) * a_node, aten = median(hand) * a_node;
  std::printf("a node: %.3f us by the executor, %.3f us by hand\noverhead_us=%.3f\n", all, aten, all - aten);
}

}  // namespace
}  // namespace springbok

int main() {
  springbok::run();
}
