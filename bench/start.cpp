// What the zoo costs a process: seconds to build every network's graph and to infer its shapes, on one thread.
#include <chrono>
#include <cstdio>

#include "springbok/graph/graph.h"
#include "springbok/zoo/zoo.h"

int main() {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point began = Clock::now();
  std::size_t nodes = 0;
  for (const springbok::zoo::ModelInfo& model : springbok::zoo::models()) {
    const springbok::graph::Graph graph = springbok::zoo::build(model.name);
    nodes += springbok::graph::infer(graph, {1, 3, model.input, model.input}).size();
  }
  const std::chrono::duration<double> seconds = Clock::now() - began;
  std::printf("zoo_graphs=%.3f zoo_models=%zu zoo_nodes=%zu\n", seconds.count(), springbok::zoo::models().size(),
              nodes);
}
