// Grouping parameters.
#include "springbok/train/optim/param_group.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "springbok/base/error.h"

namespace springbok::train {
namespace {

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// `layer1.0` of `layer1.0.conv1.weight`: up to the first part that is a number; "" where none is.
std::string numbered_module(const std::string& name) {
  for (std::size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1)) {
    const std::size_t end = name.find('.', dot + 1);
    if (end == std::string::npos) break;
    const std::string part = name.substr(dot + 1, end - dot - 1);
    if (part.find_first_not_of("0123456789") == std::string::npos) return name.substr(0, end);
  }
  return "";
}

bool is_matrix(const graph::Param& param, const Grouping& grouping) {
  constexpr std::size_t kConvolution = 4, kLinear = 2;
  const std::size_t sides = param.shape.size();
  return sides == kConvolution || (grouping.muon_linear && sides == kLinear);
}

/// Rates' scales by layer, and each parameter's layer.
struct Layers {
  std::vector<std::int64_t> of;
  std::vector<double> scales;
};

Layers layers_for(const graph::Graph& graph, const Grouping& grouping) {
  if (grouping.layer_decay != 1) {
    std::vector<std::int64_t> of = layers_of(graph, grouping.head);
    const std::int64_t count = 1 + *std::max_element(of.begin(), of.end());
    return {std::move(of), layer_scales(count, grouping.layer_decay)};
  }
  Layers layers{std::vector<std::int64_t>(graph.params().size(), 0), {1, grouping.last_mult}};
  if (grouping.last_mult == 1) return layers;
  for (std::size_t i = 0; i < layers.of.size(); ++i)
    layers.of[i] = holds(grouping.head, graph.params()[i].name) ? 1 : 0;
  return layers;
}

}  // namespace

std::vector<std::int64_t> layers_of(const graph::Graph& graph, const std::vector<std::string>& head) {
  std::vector<std::int64_t> layers;
  std::map<std::string, std::int64_t> known;
  std::int64_t count = 0;
  std::string last = "none";
  for (const graph::Param& param : graph.params()) {
    const std::string module = numbered_module(param.name);
    if (holds(head, param.name)) {
      layers.push_back(-1);
      continue;
    }
    const bool anew = module.empty() ? last != module : !known.contains(module);
    if (anew) known[module] = count++;
    layers.push_back(known[module]);
    last = module;
  }
  for (std::int64_t& layer : layers) layer = layer < 0 ? count : layer;
  return layers;
}

std::vector<double> layer_scales(std::int64_t layers, double decay) {
  std::vector<double> scales;
  for (std::int64_t i = 0; i < layers; ++i) scales.push_back(std::pow(decay, static_cast<double>(layers - 1 - i)));
  return scales;
}

std::vector<ParamGroup> make_groups(const graph::Graph& graph, const engine::State& state, const Grouping& grouping) {
  if (state.tensors.size() != graph.params().size()) {
    fail("the optimizer's state has {} tensors, its graph {} parameters: it is another graph's", state.tensors.size(),
         graph.params().size());
  }
  const Layers layers = layers_for(graph, grouping);
  std::map<std::tuple<std::int64_t, bool, bool>, ParamGroup> groups;  // layer, no matrix, not decayed
  if (layers.scales.size() == 2 && !grouping.muon) groups[{0, false, false}].weight_decay = grouping.weight_decay;
  const auto count = static_cast<graph::ParamId>(graph.params().size());
  for (graph::ParamId id = 0; id < count; ++id) {
    const graph::Param& param = graph.param(id);
    if (param.buffer || !param.trainable) continue;
    const std::int64_t layer = layers.of[static_cast<std::size_t>(id)];
    const bool rest = grouping.muon && !is_matrix(param, grouping), decayed = param.decay || grouping.norm_decay;
    ParamGroup& group = groups[{layer, rest, !decayed}];
    group.weight_decay = decayed ? grouping.weight_decay : 0;
    group.lr_scale = layers.scales[static_cast<std::size_t>(layer)] * (rest ? grouping.rest_scale : 1);
    group.matrices = grouping.muon && !rest;
    group.slots.push_back({id, param.name, state.tensors[id]});
  }
  std::vector<ParamGroup> list;
  for (auto& [key, group] : groups) list.push_back(std::move(group));
  return list;
}

std::vector<ParamGroup> decay_groups(const graph::Graph& graph, const engine::State& state, double weight_decay,
                                     bool norm_decay) {
  return make_groups(graph, state, {.weight_decay = weight_decay, .norm_decay = norm_decay});
}

std::vector<at::Tensor> gradients_of(const std::vector<ParamGroup>& groups) {
  std::vector<at::Tensor> gradients;
  for (const ParamGroup& group : groups) {
    for (const Slot& slot : group.slots) {
      if (slot.value.grad().defined()) gradients.push_back(slot.value.grad());
    }
  }
  return gradients;
}

}  // namespace springbok::train
