// Rules of filling, and the layers that they reach.
#include "springbok/graph/init_scheme.h"

#include <cmath>
#include <set>

#include "springbok/base/error.h"
#include "springbok/graph/op_params.h"

namespace springbok::graph {
namespace {

struct Fans {
  double in = 1, out = 1;
};

Fans fans_of(const Shape& shape) {
  check(shape.size() >= 2, "a weight has two dimensions or more");
  double taps = 1;
  for (std::size_t i = 2; i < shape.size(); ++i) taps *= static_cast<double>(shape[i]);
  return {.in = static_cast<double>(shape[1]) * taps, .out = static_cast<double>(shape[0]) * taps};
}

/// Of that standard deviation; a uniform one reaches sqrt(3) as far.
Filling drawn(Draw draw, double std) {
  if (draw == Draw::uniform) return {Init::uniform, std::sqrt(3.0) * std};
  return {Init::normal, std};
}

struct Layer {
  ParamId weight = kNoParam, bias = kNoParam;
  bool linear = false;
};

/// Layers of the kinds that the rules reach.
std::vector<Layer> layers_of(const Graph& graph) {
  std::vector<Layer> layers;
  std::set<ParamId> held;
  for (const Node& node : graph.nodes()) {
    std::visit(
        [&]<class T>(const T& op) {
          if constexpr (std::is_same_v<T, Linear>) layers.push_back({op.weight, op.bias, true});
          if constexpr (std::is_same_v<T, Conv2d> || std::is_same_v<T, DeformConv2d> || std::is_same_v<T, Lambda>) {
            layers.push_back({op.weight, op.bias, false});
          }
        },
        node.op);
    for_each_param(node.op, [&](const ParamId& id) { held.insert(id); });
  }
  const auto count = static_cast<ParamId>(graph.params().size());
  for (ParamId id = 0; id < count; ++id) {
    if (!held.contains(id) && graph.param(id).shape.size() == 4) layers.push_back({.weight = id});
  }
  return layers;
}

}  // namespace

const std::vector<std::string>& init_rules() {
  static const std::vector<std::string> names{"published", "pytorch",    "resnet",      "modelzoo",
                                              "xavier",    "msra-prelu", "trunc-normal"};
  return names;
}

const std::vector<std::string>& fan_names() {
  static const std::vector<std::string> names{"out", "in"};
  return names;
}

const std::vector<std::string>& draw_names() {
  static const std::vector<std::string> names{"normal", "uniform"};
  return names;
}

Filling weight_filling(const InitScheme& scheme, const Shape& shape, bool linear) {
  const Fans fans = fans_of(shape);
  const Filling torch{Init::uniform, 1 / std::sqrt(fans.in)};
  const double gain = std::sqrt(2 / (1 + scheme.slope * scheme.slope));
  switch (scheme.rule) {
    case InitRule::published:
      break;
    case InitRule::pytorch:
      return torch;
    case InitRule::resnet:
      return linear ? torch : Filling{Init::normal, std::sqrt(2 / fans.out)};
    case InitRule::kaiming:
      return drawn(scheme.draw, gain / std::sqrt(scheme.fan == Fan::out ? fans.out : fans.in));
    case InitRule::xavier:
      return drawn(scheme.draw, std::sqrt(2 / (fans.in + fans.out)));
    case InitRule::msra_prelu:
      return {Init::normal, gain / std::sqrt((fans.in + fans.out) / 2)};
    case InitRule::trunc_normal:
      return {Init::trunc_normal, scheme.std};
  }
  fail("the published values of a network are its own");
}

Filling bias_filling(const InitScheme& scheme, const Shape& weight) {
  const bool torch = scheme.rule == InitRule::pytorch || scheme.rule == InitRule::resnet;
  if (torch) return {Init::uniform, 1 / std::sqrt(fans_of(weight).in)};
  return {Init::zeros, 1};
}

void refill(Graph& graph, const InitScheme& scheme) {
  if (scheme.rule == InitRule::published) return;
  for (const Layer& layer : layers_of(graph)) {
    if (graph.param(layer.weight).init == Init::zeros) continue;
    const Shape shape = graph.param(layer.weight).shape;
    const Filling weight = weight_filling(scheme, shape, layer.linear), bias = bias_filling(scheme, shape);
    graph.set_init(layer.weight, weight.init, weight.scale);
    if (layer.bias != kNoParam) graph.set_init(layer.bias, bias.init, bias.scale);
  }
}

}  // namespace springbok::graph
