// What the weights' layout is worth to an evaluation: one network's forward pass with them row-major, as files hold
// them, and as engine::allocate lays them out, in turns.
#include <ATen/Functions.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "springbok/engine/executor.h"
#include "springbok/zoo/zoo.h"

namespace springbok {
namespace {

constexpr std::int64_t kBatch = 16;

double rate(const engine::Executor& executor, engine::State& state, const at::Tensor& images) {
  const auto began = std::chrono::steady_clock::now();
  executor.forward(state, images, {.train = false});
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  return static_cast<double>(kBatch) / took.count();
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

void run(const char* model, int rounds) {
  const at::NoGradGuard no_grad;
  const graph::Graph graph = zoo::build(model, {});
  const engine::Executor executor(graph);
  engine::State laid_out = engine::initialise(graph, 1), plain = engine::initialise(graph, 1);
  for (at::Tensor& tensor : plain.tensors) tensor = tensor.contiguous();
  const at::Tensor images = at::rand({kBatch, 3, 224, 224}).contiguous(at::MemoryFormat::ChannelsLast);
  std::vector<double> before, after, ratios;
  for (int round = 0; round <= rounds; ++round) {
    const double row_major = rate(executor, plain, images), ours = rate(executor, laid_out, images);
    if (round == 0) continue;  // warms up
    before.push_back(row_major);
    after.push_back(ours);
    ratios.push_back(ours / row_major);
  }
  std::printf("%s: %.1f images/s row-major, %.1f as allocated\n%s_allocated_vs_row_major=%.3f\n", model, median(before),
              median(after), model, median(ratios));
}

}  // namespace
}  // namespace springbok

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 15;
  for (const char* model : {"resnet50", "resnext50_elastic"}) springbok::run(model, rounds);
}
