// Compute threads of ATen, and their floating-point manners.
#pragma once

namespace springbok::engine {

/// Makes ATen compute on `count` threads, each of them, and the caller, treating denormals as zero.
void set_compute_threads(int count);

/// The number ATen computes on.
int compute_threads();

}  // namespace springbok::engine
