// Activation checkpointing over stretches of steps.
#include "springbok/engine/recompute.h"

#include <ATen/core/grad_mode.h>
#include <ATen/core/ivalue.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "springbok/engine/autocast.h"
#include "springbok/graph/op_params.h"

namespace springbok::engine {

using namespace graph;

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr std::size_t kLeastSteps = 6;  // of a stretch: a bottleneck has so many

/// All that a stretch needs to run, twice.
struct Work final : torch::CustomClassHolder {
  const Graph& graph;
  const Fusions& fusions;
  const State& state;
  Pass pass;
  Steps steps;
  NodeId enters, leaves;

  Work(const Running& running, const Steps& all, const Stretch& stretch)
      : graph(running.graph),
        fusions(running.fusions),
        state(running.state),
        pass(running.pass),
        steps(all.begin() + static_cast<std::ptrdiff_t>(stretch.first),
              all.begin() + static_cast<std::ptrdiff_t>(stretch.end)),
        enters(stretch.enters),
        leaves(stretch.leaves) {
    pass.effects = nullptr;
    // What enters is read again in backward, so nobody may overwrite it.
    for (Step& step : steps) {
      if (step.kernel == Kernel::in_place && graph.node(step.node).inputs[0] == enters) step.kernel = Kernel::aten;
    }
  }

  at::Tensor run(const at::Tensor& input, Effects& effects) const {
    std::optional<Autocast> mixed;
    if (pass.precision != Precision::fp32) mixed.emplace(pass.precision, input.device().type());
    Indexed<at::Tensor> values(graph.nodes().size());
    values[enters] = input;
    DenseBlocks blocks(graph.nodes().size());
    const Running running{graph, fusions, state, pass, effects, values, blocks};
    for (const Step& step : steps) {
      if (step.kernel != Kernel::left_out) values[step.node] = run_step(running, step);
      for (const NodeId dead : step.dies) {
        values[dead].reset();
        blocks[dead].reset();
      }
    }
    if (pass.auxiliary != nullptr && graph.auxiliary() >= 0 && values[graph.auxiliary()].defined()) {
      *pass.auxiliary = values[graph.auxiliary()].to(input.scalar_type());
    }
    return values[leaves];
  }

  /// The parameters that learn, as its nodes hold them.
  variable_list learners() const {
    variable_list all;
    const auto add = [&](NodeId id) {
      for_each_param(graph.node(id).op, [&](ParamId param) {
        if (param != kNoParam && state.tensors[param].requires_grad()) all.push_back(state.tensors[param]);
      });
    };
    for (const Step& step : steps) {
      for (const NodeId covered : step.covers) add(covered);
      add(step.node);
    }
    return all;
  }
};

/// One stretch under autograd. `learners` are inputs only so that their gradients go to them.
class Recomputed : public torch::autograd::Function<Recomputed> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& input, at::TensorList,
                            const c10::intrusive_ptr<Work>& work, Effects* effects) {
    context->save_for_backward({input});
    context->saved_data["work"] = c10::IValue::make_capsule(work);
    return work->run(input, *effects);
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto capsule = context->saved_data["work"].toCapsule();
    const auto& work = static_cast<const Work&>(*capsule);
    const at::Tensor kept = context->get_saved_variables()[0];
    const at::Tensor input = kept.detach().set_requires_grad(kept.requires_grad());
    variable_list wanted = work.learners();
    if (input.requires_grad()) wanted.insert(wanted.begin(), input);
    const at::AutoGradMode on(true);
    Effects unwanted;
    const at::Tensor output = work.run(input, unwanted);
    variable_list found = torch::autograd::grad({output}, wanted, {gradients[0]}, /*retain_graph=*/std::nullopt,
                                                /*create_graph=*/false, /*allow_unused=*/true);
    if (!input.requires_grad()) found.insert(found.begin(), at::Tensor());
    found.resize(found.size() + 2);  // of the work and the effects: none
    return found;
  }
};

}  // namespace

std::vector<Stretch> stretches(const Steps& steps, NodeId output) {
  std::vector<Stretch> all;
  std::vector<NodeId> alive{0};
  NodeId in_block = -1;  // the value so far of a dense block, whose memory no cut may divide
  Stretch next;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].kernel != Kernel::left_out) alive.push_back(steps[i].node);
    for (const NodeId dead : steps[i].dies) alive.erase(std::remove(alive.begin(), alive.end(), dead), alive.end());
    next.end = i + 1;
    if (steps[i].kernel == Kernel::append) in_block = steps[i].node;
    const bool alone = alive.size() == 1 && alive[0] != in_block;
    if (!alone || next.end - next.first < kLeastSteps || next.end == steps.size()) continue;
    next.leaves = alive[0];
    all.push_back(next);
    next = {.first = next.end, .end = next.end, .enters = alive[0], .leaves = -1};
  }
  next.leaves = output;
  all.push_back(next);
  return all;
}

at::Tensor run_recomputing(const Running& running, const Steps& steps, const at::Tensor& input) {
  const std::vector<Stretch> cuts = stretches(steps, running.graph.output());
  at::Tensor value = input;
  for (const Stretch& stretch : cuts) {
    auto work = c10::make_intrusive<Work>(running, steps, stretch);
    if (&stretch == &cuts.back()) return work->run(value, running.effects);
    const variable_list learners = work->learners();
    value = Recomputed::apply(value, at::TensorList(learners), work, &running.effects);
  }
  return value;
}

}  // namespace springbok::engine
