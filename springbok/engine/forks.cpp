// Flags that a fork turns over in the child.
#include "springbok/engine/forks.h"

#include <ATen/Parallel.h>
#include <pthread.h>

#include <atomic>

#include "springbok/base/error.h"

namespace springbok::engine {
namespace {

struct Pool {
  std::atomic<bool> used = false;  ///< in this process
  std::atomic<bool> lost = false;  ///< used in a process that this one was forked from
};

Pool compute, gradients;

void lose(Pool& pool) {
  if (pool.used) pool.lost = true;
}

/// Watches from the first use on, once for the life of the process.
void use(Pool& pool) {
  static const int watched = pthread_atfork(nullptr, nullptr, [] {
    lose(compute);
    lose(gradients);
  });
  if (watched != 0) fail("no memory is left to watch for forks");
  pool.used = true;
}

}  // namespace

void expect_compute_threads() {
  if (at::get_num_threads() == 1) return;
  if (compute.lost) {
    fail(
        "this process was forked from one that had computed, without its compute threads; fork before the first pass, "
        "or call at::set_num_threads(1) in the child");
  }
  use(compute);
}

void expect_gradient_threads() {
  if (gradients.lost) {
    fail(
        "this process was forked from one that had computed gradients, and cannot compute any; fork before the first "
        "training step");
  }
  use(gradients);
}

}  // namespace springbok::engine
