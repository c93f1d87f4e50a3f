// What recomputing is worth: peak memory and time of a training step's forward and backward, with and without it. In
// one process, recomputing first, since the peak of a process never falls.
#include "springbok/engine/memory.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "springbok/engine/executor.h"
#include "springbok/zoo/zoo.h"

namespace springbok {
namespace {

constexpr std::int64_t kClasses = 21;  // Pascal VOC's, so that a segmentation's output does not hide the rest

/// A field of /proc/self/status in MB.
double status_mb(const std::string& field) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(field + ":")) return std::stod(line.substr(field.size() + 1)) / 1024;
  }
  return 0;
}

struct Measured {
  double peak_mb, seconds;
};

Measured measure(const engine::Executor& executor, const engine::State& state, const at::Tensor& images, bool recompute,
                 double before) {
  constexpr int kSteps = 3;  // the first decides about kernels
  double best = 1e9;
  for (int i = 0; i < kSteps; ++i) {
    const auto began = std::chrono::steady_clock::now();
    engine::Effects effects;
    const at::Tensor output =
        executor.forward(state, images, {.train = true, .recompute = recompute, .effects = &effects});
    at::mean(output).backward();
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
  }
  return {status_mb("VmHWM") - before, best};
}

void run(const std::string& model, std::int64_t batch, std::int64_t size) {
  zoo::ModelOptions options;
  options.classes = kClasses;
  const graph::Graph graph = zoo::build(model, options);
  const engine::Executor executor(graph);
  const engine::State state = engine::initialise(graph, 1);
  const at::Tensor images = at::rand({batch, 3, size, size}).contiguous(at::MemoryFormat::ChannelsLast);
  const double before = status_mb("VmRSS");
  const Measured again = measure(executor, state, images, true, before);
  const Measured kept = measure(executor, state, images, false, before);
  std::printf("%s, batch %ld, %ld x %ld: %.0f MB and %.2f s recomputing, %.0f MB and %.2f s keeping\n", model.c_str(),
              static_cast<long>(batch), static_cast<long>(size), static_cast<long>(size), again.peak_mb, again.seconds,
              kept.peak_mb, kept.seconds);
  std::printf("recompute_memory=%.3f recompute_time=%.3f\n", again.peak_mb / kept.peak_mb,
              again.seconds / kept.seconds);
}

}  // namespace
}  // namespace springbok

int main(int argc, char** argv) {
  springbok::engine::tune_allocator();
  springbok::run(argc > 1 ? argv[1] : "resnext50_elastic_seg", argc > 2 ? std::atoi(argv[2]) : 2,
                 argc > 3 ? std::atoi(argv[3]) : 513);
}
