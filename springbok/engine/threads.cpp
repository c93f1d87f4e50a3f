// Compute threads of ATen: their number and flushed denormals.
#include "springbok/engine/threads.h"

#include <ATen/Parallel.h>

#include "springbok/base/threads.h"
#include "springbok/engine/forks.h"

namespace springbok::engine {

void set_compute_threads(int count) {
  at::set_num_threads(count);
  engine::expect_compute_threads();
  flush_denormals();
  // One chunk a thread: libgomp keeps its threads, so all that ATen uses later have passed here.
#pragma omp parallel
  flush_denormals();
}

int compute_threads() {
  return at::get_num_threads();
}

}  // namespace springbok::engine
