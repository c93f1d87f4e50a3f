// Training passes that a device captured once (CUDA graphs) and plays again: two launches in place of thousands.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <vector>

#include "springbok/engine/executor.h"
#include "springbok/engine/pass.h"
#include "springbok/engine/state.h"
#include "springbok/graph/graph.h"

namespace springbok::engine {

class Captured;

/// Stands before an executor. A pass is captured when batches of one shape have come three times in a row, and played
/// while they come. Passes of other shapes run as they do without. What is captured are forward and backward of the
/// network, its running statistics among them: the loss, the scaling and the update stay outside.
///
/// Nothing is captured on the CPU, nor of a network that drops at random, whose masks the host draws. Nor with
/// recomputing, an auxiliary output, or several ranks, nor where LibTorch or the device has no graphs. It holds its
/// memory as long as it lives: what one pass of that shape takes, beside what passes of other shapes take. Of one
/// thread.
class Player {
 public:
  /// Both must outlive it. `wanted` false: it never captures.
  Player(const graph::Graph& graph, const Executor& executor, bool wanted = true);
  ~Player();
  Player(const Player&) = delete;
  Player& operator=(const Player&) = delete;

  /// As Executor::forward of a training pass under autograd. The output of a pass that was played is overwritten by the
  /// next one; its gradients may be computed until then.
  at::Tensor forward(const State& state, const at::Tensor& input, const Pass& pass);

  /// What became of it, once: that passes are played, or why they are not; "" where there is nothing new, and on the
  /// CPU.
  std::string take_note();
  bool plays() const { return captured_ != nullptr; }

 private:
  std::string obstacle(const at::Tensor& input, const Pass& pass) const;
  bool seen_often(const at::Tensor& input);
  bool fits(const State& state, const at::Tensor& input) const;
  void capture(const State& state, const at::Tensor& input, const Pass& pass);

  const graph::Graph& graph_;
  const Executor& executor_;
  bool wanted_;
  std::unique_ptr<Captured> captured_;
  std::vector<const void*> places_;  ///< of the state's tensors when it was captured
  std::vector<std::int64_t> shape_;  ///< of what was captured
  std::vector<std::int64_t> last_;   ///< of the last batch that ran without
  int times_ = 0;                    ///< that it came in a row
  std::string note_;
  bool told_ = false;
};

}  // namespace springbok::engine
