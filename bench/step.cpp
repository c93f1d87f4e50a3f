// Training steps of one model, of images or of pixels, on demand: reads `run N` lines, answers each with the seconds of
// N steps and the peak memory since start. So bench/step.py can interleave it with its peers.
#include <ATen/Functions.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include "springbok/base/choice.h"
#include "springbok/base/error.h"
#include "springbok/base/precision.h"
#include "springbok/engine/memory.h"
#include "springbok/engine/threads.h"
#include "springbok/tasks/segment.h"
#include "springbok/train/optim/sgd.h"
#include "springbok/train/stepper.h"
#include "springbok/zoo/zoo.h"

namespace springbok {
namespace {

/// A field of /proc/self/status in MB.
double status_mb(const std::string& field) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(field + ":")) return std::stod(line.substr(field.size() + 1)) / 1024;
  }
  return 0;
}

/// Makes VmHWM start again from the present resident size.
void reset_peak() {
  std::ofstream("/proc/self/clear_refs") << 5;
}

constexpr std::int64_t kVocClasses = 21;

graph::Graph network(const std::string& model) {
  const bool pixels = zoo::find_model(model).task == zoo::Task::segment;
  return zoo::build(model, {.classes = pixels ? kVocClasses : zoo::ModelOptions().classes});
}

int run(const std::string& model, std::int64_t batch, std::int64_t size, int threads, Precision precision) {
  engine::set_compute_threads(threads);
  train::Learner learner(network(model), 0);
  learner.optimizer = std::make_unique<train::Sgd>(learner.graph, learner.state, train::OptimizerSettings{});
  train::Stepper stepper(learner, {.rate = recipe::constant(0.01), .precision = precision});
  const bool pixels = zoo::find_model(model).task == zoo::Task::segment;
  const at::Tensor input = at::randn({batch, 3, size, size}).contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor masks = at::randint(kVocClasses, {batch, size, size}).to(at::kByte);
  std::vector<std::int64_t> targets;
  for (std::int64_t i = 0; i < batch; ++i) targets.push_back(i * 37 % 1000);
  reset_peak();
  const double before = status_mb("VmRSS");
  std::string word;
  for (std::int64_t count = 0; std::cin >> word >> count;) {
    std::printf("{\"seconds\": [");
    for (std::int64_t i = 0; i < count; ++i) {
      const auto began = std::chrono::steady_clock::now();
      if (pixels) {
        stepper.add(
            input, [&](const at::Tensor& scores) { return tasks::pixel_loss_sum(scores, masks); }, batch);
      } else {
        stepper.add(input, targets, batch);
      }
      stepper.update();
      std::printf("%s%.6f", i ? ", " : "",
                  std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
    }
    std::printf("], \"peak_mb\": %.1f, \"before_mb\": %.1f}\n", status_mb("VmHWM") - before, before);
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace
}  // namespace springbok

int main(int argc, char** argv) {
  springbok::engine::tune_allocator();
  const auto precision =
      springbok::find_choice<springbok::Precision>(argc == 6 ? argv[5] : "fp32", springbok::precision_names());
  if (argc < 5 || argc > 6 || !precision) {
    std::fputs("usage: bench_step MODEL BATCH SIZE THREADS [fp32|bf16|fp16]; then lines 'run N'\n", stderr);
    return 2;
  }
  try {
    return springbok::run(argv[1], std::stoll(argv[2]), std::stoll(argv[3]), std::stoi(argv[4]), *precision);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_step: %s\n", error.what());
    return 1;
  }
}
