// Evaluates a network of pixels on request, for bench/segment.py. `run N` on standard input evaluates N images of the
// source at their own size, each turn others, with all metrics, and answers with the seconds that took.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <string>

#include "springbok/base/error.h"
#include "springbok/engine/memory.h"
#include "springbok/engine/state.h"
#include "springbok/engine/threads.h"
#include "springbok/model/evaluate.h"
#include "springbok/zoo/zoo.h"

namespace {

using namespace springbok;

void serve(const std::string& model, const std::string& source_of, int threads) {
  engine::set_compute_threads(threads);
  const auto count = std::ssize(data::open_source(source_of, data::Split::val)->classes());
  const graph::Graph graph = zoo::build(model, {.classes = count});
  const engine::State state = engine::initialise(graph, 0);
  const engine::Executor executor(graph);
  const auto all = data::open_source(source_of, data::Split::val);
  std::string word;
  std::int64_t images = 0;
  for (int turn = 0; std::cin >> word >> images; ++turn) {
    const int turns = static_cast<int>(std::max<std::int64_t>(1, all->size() / images));
    const auto source = data::part_of(*all, {.rank = turn % turns, .ranks = turns});
    const data::SampleTransform transform =
        model::evaluation_transform(data::Preprocess{}, data::TargetKind::masks, model::Protocol::native);
    const auto began = std::chrono::steady_clock::now();
    const model::Evaluation evaluation =
        model::evaluate(executor, state, source->classes(), *source, transform, {.workers = 1, .quiet = true});
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - began;
    std::printf("{\"seconds\": %.6f, \"images\": %lld}\n", seconds.count(), static_cast<long long>(source->size()));
    std::fflush(stdout);
  }
}

}  // namespace

int main(int argc, char** argv) {
  springbok::engine::tune_allocator();
  if (argc != 4) {
    std::fputs("usage: bench_segment MODEL SOURCE THREADS; then lines 'run N'\n", stderr);
    return 2;
  }
  try {
    serve(argv[1], argv[2], std::stoi(argv[3]));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_segment: %s\n", error.what());
    return 1;
  }
}
