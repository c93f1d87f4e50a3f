// The executor: the steps of a pass, decided once for each kind of pass.
#include "springbok/engine/executor.h"

#include <ATen/core/grad_mode.h>

#include <optional>

#include "springbok/base/error.h"
#include "springbok/engine/autocast.h"
#include "springbok/engine/call.h"
#include "springbok/engine/choose.h"
#include "springbok/engine/forks.h"
#include "springbok/engine/recompute.h"
#include "springbok/engine/run_step.h"

namespace springbok::engine {

using namespace graph;

namespace {

/// Kinds of passes whose steps are kept; those of more (sizes that never end) are decided in each pass.
constexpr std::size_t kMostKinds = 64;

const Graph& runnable(const Graph& graph) {
  expect_runnable(graph);
  return graph;
}

/// The values of one pass while it runs.
class Walk {
 public:
  Walk(const Running& shared, Indexed<at::Tensor>& values) : shared_(shared), values_(values) {}

  void take(const Step& step) {
    if (step.kernel != Kernel::left_out) {
      values_[step.node] = run_step(shared_, step);
      if (shared_.pass.observe) shared_.pass.observe(step.node, values_[step.node]);
    }
    for (const NodeId dead : step.dies) {
      values_[dead].reset();
      shared_.blocks[dead].reset();
    }
  }

 private:
  const Running& shared_;
  Indexed<at::Tensor>& values_;
};

}  // namespace

Executor::Executor(const Graph& graph)
    : graph_(runnable(graph)), fusions_(find_fusions(graph)), lifetimes_(find_lifetimes(graph, fusions_)) {}

Executor::Kind Executor::kind_of(const State& state, const at::Tensor& input, const Pass& pass) const {
  Kind kind{pass.train,
            pass.observe != nullptr,
            static_cast<std::int64_t>(pass.precision),
            static_cast<std::int64_t>(input.scalar_type()),
            static_cast<std::int64_t>(input.device().type()),
            input.device().index()};
  for (const std::int64_t size : input.sizes()) kind.push_back(size);
  for (const std::int64_t stride : input.strides()) kind.push_back(stride);
  constexpr int kBits = 32;  // of a number, each a kernel's layout
  std::int64_t layouts = 1;
  for (const at::Tensor& tensor : state.tensors) {
    if (tensor.dim() != 4) continue;
    layouts = 2 * layouts + tensor.is_contiguous(at::MemoryFormat::ChannelsLast);
    if (layouts >> kBits == 0) continue;
    kind.push_back(layouts);
    layouts = 1;
  }
  kind.push_back(layouts);
  return kind;
}

const Steps* Executor::find(const Kind& kind) const {
  const std::lock_guard lock(mutex_);
  const auto found = kept_.find(kind);
  return found == kept_.end() ? nullptr : &found->second;
}

void Executor::keep(Kind kind, Steps steps) const {
  const std::lock_guard lock(mutex_);
  if (kept_.size() < kMostKinds) kept_.emplace(std::move(kind), std::move(steps));
}

/// The outputs in the input's type.
at::Tensor Executor::result(const Indexed<at::Tensor>& values, const at::Tensor& input, const Pass& pass) const {
  const NodeId second = graph_.auxiliary();
  if (pass.train && pass.auxiliary != nullptr && second >= 0) *pass.auxiliary = values[second].to(input.scalar_type());
  return values[graph_.output()].to(input.scalar_type());
}

at::Tensor Executor::run(const State& state, const at::Tensor& input, const Pass& pass, Steps* wanted) const {
  expect_compute_threads();
  expect_call(graph_, state, input);
  expect_pass(pass);
  if (pass.train && pass.recompute && !pass.observe && at::GradMode::is_enabled()) {
    return run_again(state, input, pass);
  }
  std::optional<Autocast> mixed;
  if (pass.precision != Precision::fp32) mixed.emplace(pass.precision, input.device().type());
  Kind kind = kind_of(state, input, pass);
  const Steps* known = find(kind);
  if (known == nullptr) infer(graph_, input.sizes().vec());
  Effects unwanted;
  Indexed<at::Tensor> values(graph_.nodes().size());
  values[0] = input;
  DenseBlocks blocks(graph_.nodes().size());
  const Running shared{graph_, fusions_, state, pass, pass.effects == nullptr ? unwanted : *pass.effects,
                       values, blocks};
  Walk walk(shared, values);
  if (known != nullptr) {
    for (const Step& step : *known) walk.take(step);
    if (wanted != nullptr) *wanted = *known;
    return result(values, input, pass);
  }
  Steps made;
  Chooser chooser(graph_, fusions_, lifetimes_, state, pass);
  for (NodeId id = 1; id < std::ssize(values); ++id) {
    std::optional<Step> step = chooser.choose(id, values);
    if (!step) continue;
    walk.take(*step);
    made.push_back(std::move(*step));
  }
  if (wanted != nullptr) *wanted = made;
  keep(std::move(kind), std::move(made));
  return result(values, input, pass);
}

/// With blocks that run again in backward. Steps that are not known are decided in a pass of their own.
at::Tensor Executor::run_again(const State& state, const at::Tensor& input, const Pass& pass) const {
  const Steps* known = find(kind_of(state, input, pass));
  const Steps decided = known != nullptr ? Steps() : steps(state, input, pass);
  Effects unwanted;
  const Indexed<at::Tensor> none;
  DenseBlocks no_blocks;
  const Running running{graph_, fusions_, state, pass, pass.effects == nullptr ? unwanted : *pass.effects,
                        none,   no_blocks};
  return run_recomputing(running, known != nullptr ? *known : decided, input).to(input.scalar_type());
}

at::Tensor Executor::forward(const State& state, const at::Tensor& input, const Pass& pass) const {
  return run(state, input, pass, nullptr);
}

Steps Executor::steps(const State& state, const at::Tensor& input, const Pass& pass) const {
  const at::NoGradGuard no_grad;
  Pass quiet = pass;
  quiet.effects = nullptr;
  quiet.auxiliary = nullptr;
  if (quiet.observe) quiet.observe = [](NodeId, const at::Tensor&) {};
  Steps steps;
  run(state, input, quiet, &steps);
  return steps;
}

}  // namespace springbok::engine
