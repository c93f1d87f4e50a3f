// What a process forked from one that has computed can still do: the parent's compute threads do not come along.
#pragma once

namespace springbok::engine {

/// To be called before computing. Throws Error in a process forked after its parent computed with several threads,
/// where a pass would wait for ever. With one thread (`at::set_num_threads(1)` in the child) no pool is needed.
void expect_compute_threads();

/// To be called before gradients are computed. Throws Error in a process forked after its parent computed some:
/// LibTorch's threads for them cannot be made anew, whatever their number.
void expect_gradient_threads();

}  // namespace springbok::engine
