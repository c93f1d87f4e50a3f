// The memory that `plan` tells beforehand beside what a training step takes: one network, its peak resident size.
#include "springbok/train/plan.h"

#include <ATen/Functions.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "springbok/base/choice.h"
#include "springbok/base/error.h"
#include "springbok/engine/memory.h"
#include "springbok/engine/threads.h"
#include "springbok/recipe/about.h"
#include "springbok/train/optim/sgd.h"
#include "springbok/train/stepper.h"
#include "springbok/zoo/zoo.h"

namespace springbok {
namespace {

/// The most that this process ever had in memory, bytes.
double peak_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) * 1024;
  }
  return 0;
}

int run(const std::string& model, std::int64_t batch, std::int64_t size, int threads, Precision precision) {
  recipe::Recipe recipe;
  recipe.model = model;
  recipe.batch_size = batch;
  recipe.workers = 0;
  recipe.threads = threads;
  recipe.precision = precision;
  recipe.preprocess.size = static_cast<int>(size);
  const recipe::About about{.images = 1000 * batch, .val_images = 1, .classes = 1000};
  const train::Plan plan = train::make_plan(recipe, *train::promised_source(about, 3), 1);

  engine::set_compute_threads(threads);
  train::Learner learner(zoo::build(model), 0);
  learner.optimizer = std::make_unique<train::Sgd>(learner.graph, learner.state, train::OptimizerSettings{});
  train::Stepper stepper(learner, {.rate = recipe::constant(0.01), .precision = precision});
  std::vector<at::Tensor> waiting;  // as the loader's
  for (int i = 0; i < 3; ++i) {
    waiting.push_back(at::randn({batch, 3, size, size}).contiguous(at::MemoryFormat::ChannelsLast));
  }
  std::vector<std::int64_t> targets;
  for (std::int64_t i = 0; i < batch; ++i) targets.push_back(i * 37 % 1000);
  for (int i = 0; i < 3; ++i) {
    stepper.add(waiting.front(), targets, batch);
    stepper.update();
  }
  // No checkpoint is saved here.
  const double told = static_cast<double>(plan.memory.total() - plan.memory.copy), measured = peak_bytes();
  std::printf(
      "{\"model\": \"%s\", \"batch\": %lld, \"size\": %lld, \"plan_mb\": %.0f, \"step_mb\": %.0f, "
      "\"measured_mb\": %.0f, \"plan_vs_measured\": %.3f}\n",
      model.c_str(), static_cast<long long>(batch), static_cast<long long>(size), told / 1e6,
      static_cast<double>(plan.memory.step) / 1e6, measured / 1e6, told / measured);
  return 0;
}

}  // namespace
}  // namespace springbok

int main(int argc, char** argv) {
  springbok::engine::tune_allocator();
  if (argc != 5 && argc != 6) {
    std::fputs("usage: bench_plan MODEL BATCH SIZE THREADS [PRECISION]\n", stderr);
    return 2;
  }
  try {
    using springbok::Precision;
    const auto asked = springbok::find_choice<Precision>(argc > 5 ? argv[5] : "fp32", springbok::precision_names());
    if (!asked) springbok::fail_usage("bench_plan: a precision is fp32, bf16 or fp16");
    return springbok::run(argv[1], std::stoll(argv[2]), std::stoll(argv[3]), std::stoi(argv[4]), *asked);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_plan: %s\n", error.what());
    return 1;
  }
}
