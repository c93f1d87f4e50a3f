// Which kernel runs where, and why.
#include "springbok/engine/choose.h"

#include <algorithm>

#include "springbok/base/error.h"
#include "springbok/engine/in_place.h"
#include "springbok/engine/kernels/conv_weights.h"
#include "springbok/engine/kernels/dense_block.h"
#include "springbok/engine/kernels/depthwise.h"
#include "springbok/engine/kernels/gate.h"
#include "springbok/engine/kernels/grouped_conv.h"
#include "springbok/engine/kernels/norm_kernels.h"
#include "springbok/engine/kernels/norm_relu.h"
#include "springbok/engine/kernels/upsample_add.h"

namespace springbok::engine {

using namespace graph;

Chooser::Chooser(const Graph& graph, const Fusions& fusions, const Lifetimes& lifetimes, const State& state,
                 const Pass& pass)
    : graph_(graph),
      fusions_(fusions),
      lifetimes_(lifetimes),
      state_(state),
      pass_(pass),
      misfits_(graph.nodes().size()) {}

bool Chooser::over_ranks(NodeId norm) const {
  return std::get<Norm>(graph_.node(norm).op).kind == NormKind::sync && pass_.group->size() > 1;
}

const char* Chooser::group_misfit(NodeId end, const Indexed<at::Tensor>& values) const {
  if (pass_.observe) return "observed";
  if (const auto& group = fusions_.at_add[end]) {
    const NodeId outer = fusions_.runs_at[end];
    if (outer != end && taken(outer)) return "its addition runs with a norm";
    return upsample_add_misfit(values[group->low], values[group->high]);
  }
  if (!pass_.train) return "evaluation";
  if (const auto& group = fusions_.at_conv[end]) {
    return reads_block(graph_.node(group->norm)) ? nullptr : "its block is concatenated";
  }
  if (over_ranks(fusions_.at_act[end]->norm)) return "over several ranks";
  const Node& norm = graph_.node(fusions_.at_act[end]->norm);
  return reads_block(norm) ? nullptr : norm_relu_misfit(values[norm.inputs[0]]);
}

bool Chooser::reads_block(const Node& norm) const {
  const DenseLink* link = fusions_.read_by(norm);
  return link != nullptr && taken(link->first);
}

/// Decided for all of a block at its first concatenation.
Step Chooser::of_concat(NodeId id, const Indexed<at::Tensor>& values) {
  const auto& link = fusions_.at_concat[id];
  if (!link) return {.node = id};
  auto& misfit = misfits_[link->first];
  if (id == link->first) {
    misfit = append_misfit(values[graph_.node(id).inputs[0]], values[graph_.node(id).inputs[1]]);
    if (link->unit % kNormLanes != 0) misfit = "channels are no multiple of 8";
    if (!pass_.train) misfit = "evaluation";
    if (pass_.observe) misfit = "observed";
  }
  if (!taken(link->first)) return {.node = id, .why = format("no append: {}", misfit.value_or(""))};
  return {.node = id, .kernel = Kernel::append, .why = format("one memory of {} channels", link->channels)};
}

Step Chooser::of_conv(NodeId id, const at::Tensor& x) const {
  const auto& op = std::get<Conv2d>(graph_.node(id).op);
  if (const auto& group = fusions_.at_conv[id]) {
    if (!taken(id)) return {.node = id, .why = format("no norm_conv: {}", misfits_[id].value_or(""))};
    return {.node = id,
            .kernel = Kernel::norm_conv,
            .covers = {group->norm, group->relu},
            .why = "norm, ReLU and convolution as one"};
  }
  if (op.groups == 1) {
    const bool plain = pass_.train && pass_.precision == Precision::fp32;
    if (!plain || conv_weights_misfit(op, x, state_.tensors[op.weight]) != nullptr) return {.node = id};
    return {.node = id, .kernel = Kernel::conv_weights, .why = "its weights' gradient, channels last"};
  }
  if (op.groups == op.in) {
    const char* misfit = depthwise_misfit(op, x);
    if (pass_.precision == Precision::fp16) misfit = "float16";
    if (misfit != nullptr) return {.node = id, .why = format("no depthwise: {}", misfit)};
    return {.node = id,
            .kernel = Kernel::depthwise,
            .why = format("{0} x {0}, one channel a group, channels last", op.kernel[0])};
  }
  const char* misfit = grouped_conv_misfit(op, x, state_.tensors[op.weight]);
  if (pass_.precision == Precision::fp16) misfit = "float16";
  if (misfit != nullptr) return {.node = id, .why = format("no grouped_conv: {}", misfit)};
  return {.node = id,
          .kernel = Kernel::grouped_conv,
          .why = format("3 x 3, {} channels a group, channels last", op.in / op.groups)};
}

Step Chooser::of_norm(NodeId id, const at::Tensor& x) const {
  const char* misfit = norm_relu_misfit(x);
  if (std::get<Norm>(graph_.node(id).op).kind == NormKind::frozen) misfit = "frozen";
  if (std::get<Norm>(graph_.node(id).op).weight == kNoParam) misfit = "without weight and bias";
  if (over_ranks(id)) misfit = "over several ranks";
  if (!pass_.train) misfit = "evaluation";
  if (misfit != nullptr) return {.node = id, .why = format("no norm kernel: {}", misfit)};
  return {.node = id, .kernel = Kernel::norm, .why = "batch statistics, channels last"};
}

/// Whether the node's inputs are of one type, as its output then is.
bool Chooser::one_type(NodeId id, const Indexed<at::Tensor>& values) const {
  const std::vector<NodeId>& inputs = graph_.node(id).inputs;
  return std::all_of(inputs.begin(), inputs.end(),
                     [&](NodeId input) { return values[input].scalar_type() == values[inputs.front()].scalar_type(); });
}

/// An activation or an addition: the end of a group, or over its input's memory, or neither.
Step Chooser::of_elementwise(NodeId id, const Indexed<at::Tensor>& values) const {
  const auto& norm = fusions_.at_act[id];
  const auto& upsample = fusions_.at_add[id];
  const auto* activation = std::get_if<Activation>(&graph_.node(id).op);
  const bool relu = activation != nullptr && activation->kind == Act::relu;
  if (norm && taken(id) && !relu) {
    return {.node = id, .kernel = Kernel::norm_act, .covers = {norm->norm}, .why = "norm and activation as one"};
  }
  if (norm && taken(id)) {
    Step step{.node = id, .kernel = Kernel::norm_relu, .covers = {norm->norm}, .why = "norm and ReLU as one"};
    if (norm->inner == norm->norm) return step;
    step.covers.push_back(norm->inner);
    step.why = "norm, addition and ReLU as one";
    return step;
  }
  if (upsample && taken(id)) {
    return {.node = id,
            .kernel = Kernel::upsample_add,
            .covers = {upsample->upsample, upsample->cut},
            .why = "doubled, cut and added as one"};
  }
  std::string why;
  if (norm && !relu) return {.node = id, .why = format("no norm_act: {}", misfits_[id].value_or(""))};
  if (norm) why = format("no norm_relu: {}; ", misfits_[id].value_or(""));
  if (upsample) why = format("no upsample_add: {}; ", misfits_[id].value_or(""));
  const char* keeps = lifetimes_.keeps[id];
  if (keeps == nullptr && !one_type(id, values)) keeps = "its inputs are of two types";
  if (keeps == nullptr) return {.node = id, .kernel = Kernel::in_place, .why = why + "nobody reads its input again"};
  return {.node = id, .why = why + "not in place: " + keeps};
}

bool Chooser::left_to(NodeId end, const Indexed<at::Tensor>& values) {
  if (!misfits_[end]) misfits_[end] = group_misfit(end, values);
  return taken(end);
}

std::optional<Step> Chooser::choose(NodeId id, const Indexed<at::Tensor>& values) {
  const Node& node = graph_.node(id);
  const NodeId end = fusions_.runs_at[id], outer = fusions_.runs_at[end];
  if (outer != id && fusions_.at_conv[outer] && left_to(outer, values)) return std::nullopt;
  if (end != id && left_to(end, values)) return std::nullopt;
  Step step{.node = id};
  if (node.effect_only && !pass_.train) {
    step = {.node = id, .kernel = Kernel::left_out, .why = "only training runs it"};
  } else if (std::holds_alternative<Conv2d>(node.op)) {
    step = of_conv(id, values[node.inputs[0]]);
  } else if (std::holds_alternative<Norm>(node.op)) {
    step = of_norm(id, values[node.inputs[0]]);
  } else if (std::holds_alternative<Gate>(node.op)) {
    const bool fits = pass_.train && gate_misfit(values[node.inputs[0]], values[node.inputs[1]]) == nullptr;
    if (fits) step = {.node = id, .kernel = Kernel::gate, .why = "one factor a channel, channels last"};
  } else if (std::holds_alternative<Concat>(node.op)) {
    step = of_concat(id, values);
  } else if (can_overwrite(node.op) || fusions_.at_act[id]) {
    step = of_elementwise(id, values);
  }
  step.dies = lifetimes_.dies[id];
  return step;
}

}  // namespace springbok::engine
