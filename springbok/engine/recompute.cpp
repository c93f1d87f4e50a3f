// Activation checkpointing over stretches of steps.
#include "springbok/engine/recompute.h"

#include <ATen/core/grad_mode.h>
#include <ATen/core/ivalue.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "springbok/engine/autocast.h"
#include "springbok/graph/op_params.h"

namespace springbok::engine {

using namespace graph;

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

bool holds(const std::vector<NodeId>& ids, NodeId id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

constexpr std::size_t kLeastSteps = 6;  // of a stretch: a bottleneck has so many

/// All that a stretch needs to run, twice.
struct Work final : torch::CustomClassHolder {
  const Graph& graph;
  const Fusions& fusions;
  const State& state;
  Pass pass;
  Steps steps;
  std::vector<NodeId> enters;
  NodeId leaves;

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
      if (step.kernel == Kernel::in_place && holds(enters, graph.node(step.node).inputs[0])) step.kernel = Kernel::aten;
    }
  }

  at::Tensor run(at::TensorList inputs, Effects& effects) const {
    std::optional<Autocast> mixed;
    if (pass.precision != Precision::fp32) mixed.emplace(pass.precision, inputs[0].device().type());
    Indexed<at::Tensor> values(graph.nodes().size());
    for (std::size_t i = 0; i < enters.size(); ++i) values[enters[i]] = inputs[i];
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
      *pass.auxiliary = values[graph.auxiliary()].to(inputs[0].scalar_type());
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
  static at::Tensor forward(AutogradContext* context, at::TensorList inputs, at::TensorList,
                            const c10::intrusive_ptr<Work>& work, Effects* effects) {
    context->save_for_backward(inputs.vec());
    context->saved_data["work"] = c10::IValue::make_capsule(work);
    return work->run(inputs, *effects);
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto capsule = context->saved_data["work"].toCapsule();
    const auto& work = static_cast<const Work&>(*capsule);
    variable_list inputs = context->get_saved_variables();
    for (at::Tensor& input : inputs) input = input.detach().set_requires_grad(input.requires_grad());
    variable_list wanted;
    std::copy_if(inputs.begin(), inputs.end(), std::back_inserter(wanted), learns);
    const variable_list learners = work.learners();
    wanted.insert(wanted.end(), learners.begin(), learners.end());
    const at::AutoGradMode on(true);
    Effects unwanted;
    const at::Tensor output = work.run(inputs, unwanted);
    variable_list found = torch::autograd::grad({output}, wanted, {gradients[0]}, /*retain_graph=*/std::nullopt,
                                                /*create_graph=*/false, /*allow_unused=*/true);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (!learns(inputs[i])) found.insert(found.begin() + static_cast<std::ptrdiff_t>(i), at::Tensor());
    }
    found.resize(found.size() + 2);  // of the work and the effects: none
    return found;
  }

 private:
  static bool learns(const at::Tensor& tensor) { return tensor.requires_grad(); }
};

/// What the steps read that none of them makes, the smallest node first.
std::vector<NodeId> entering(const Graph& graph, const Steps& steps, const Stretch& stretch) {
  std::vector<NodeId> read, made;
  const auto add = [&](NodeId id) {
    made.push_back(id);
    for (const NodeId input : graph.node(id).inputs) read.push_back(input);
  };
  for (std::size_t i = stretch.first; i < stretch.end; ++i) {
    if (steps[i].kernel == Kernel::left_out) continue;
    for (const NodeId covered : steps[i].covers) add(covered);
    add(steps[i].node);
  }
  std::sort(read.begin(), read.end());
  read.erase(std::unique(read.begin(), read.end()), read.end());
  read.erase(std::remove_if(read.begin(), read.end(), [&](NodeId id) { return holds(made, id); }), read.end());
  return read;
}

}  // namespace

std::vector<Stretch> stretches(const Graph& graph, const Steps& steps) {
  std::vector<Stretch> all;
  Indexed<int> readers(graph.nodes().size());  // by node: steps of this stretch that read it
  std::vector<NodeId> alive{0}, older{0};
  NodeId in_block = -1;  // the value so far of a dense block, whose memory no cut may divide
  Stretch next;
  const auto end = [&](NodeId leaves) {
    next.leaves = leaves;
    next.enters = entering(graph, steps, next);
    all.push_back(next);
    next = {.first = next.end, .end = next.end, .enters = {}};
    older = alive;
    std::fill(readers.begin(), readers.end(), 0);
  };
  const auto may_live_on = [&](NodeId id) { return id == 0 || !holds(older, id) || readers[id] <= 1; };
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].kernel != Kernel::left_out) alive.push_back(steps[i].node);
    for (const NodeId id : entering(graph, steps, {.first = i, .end = i + 1, .enters = {}})) ++readers[id];
    for (const NodeId dead : steps[i].dies) alive.erase(std::remove(alive.begin(), alive.end(), dead), alive.end());
    next.end = i + 1;
    if (steps[i].kernel == Kernel::append) in_block = steps[i].node;
    if (next.end - next.first < kLeastSteps || next.end == steps.size()) continue;
    const auto is_new = [&](NodeId id) { return !holds(older, id); };
    const auto found = std::find_if(alive.begin(), alive.end(), is_new);
    const bool one = std::count_if(alive.begin(), alive.end(), is_new) == 1 && *found != in_block;
    if (one && std::all_of(alive.begin(), alive.end(), may_live_on)) end(*found);
  }
  end(graph.output());
  return all;
}

at::Tensor run_recomputing(const Running& running, const Steps& steps, const at::Tensor& input) {
  const std::vector<Stretch> cuts = stretches(running.graph, steps);
  Indexed<at::Tensor> left(running.graph.nodes().size());
  left[0] = input;
  for (const Stretch& stretch : cuts) {
    auto work = c10::make_intrusive<Work>(running, steps, stretch);
    variable_list inputs;
    for (const NodeId id : stretch.enters) inputs.push_back(left[id]);
    if (&stretch == &cuts.back()) return work->run(inputs, running.effects);
    const variable_list learners = work->learners();
    left[stretch.leaves] = Recomputed::apply(at::TensorList(inputs), at::TensorList(learners), work, &running.effects);
  }
  return {};
}

}  // namespace springbok::engine
