// The table, the JSON and the diagram of a network.
#include "springbok/graph/print.h"

#include <map>
#include <nlohmann/json.hpp>

#include "springbok/base/text.h"
#include "springbok/graph/toolbox_count.h"

namespace springbok::graph {
namespace {

std::string percent_of(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? "" : format("{:.1f}%", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

/// A text fit for a double-quoted Graphviz string.
std::string escaped(const std::string& text) {
  std::string safe = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') safe += '\\';
    safe += c;
  }
  return safe + "\"";
}

/// `layer1.0.conv2` -> `layer1.0`: the module that a node is drawn in.
std::string module_of(const std::string& path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string::npos ? "" : path.substr(0, dot);
}

}  // namespace

std::string summary(const Graph& graph, const Cost& cost) {
  std::size_t widest = 5;
  for (const LayerCost& layer : cost.layers) widest = std::max(widest, graph.node(layer.node).path.size());
  std::string text = format("{:{}}  {:16} {:32} {:>15} {:>12} {:>15} {:>6} {:>10}\n", "layer", widest, "op",
                            "attributes", "output", "params", "MACs", "", "memory");
  for (const LayerCost& layer : cost.layers) {
    const Node& node = graph.node(layer.node);
    text += format("{:{}}  {:16} {:32} {:>15} {:>12} {:>15} {:>6} {:>10}\n", node.path, widest, name_of(node.op),
                   describe(node.op), to_text(layer.output), layer.params ? with_commas(layer.params) : "",
                   layer.macs ? with_commas(layer.macs) : "", layer.macs ? percent_of(layer.macs, cost.macs) : "",
                   layer.activation_bytes ? human_bytes(static_cast<std::uint64_t>(layer.activation_bytes)) : "");
  }
  text += format("total: {} params, {} MACs ({:.3f} G), {} FLOPs by Elastic's counter, {} of activations an image\n",
                 with_commas(cost.params), with_commas(cost.macs), static_cast<double>(cost.macs) / 1e9,
                 with_commas(cost.elastic_flops), human_bytes(static_cast<std::uint64_t>(cost.activation_bytes)));
  return text;
}

nlohmann::ordered_json summary_json(const Graph& graph, const Cost& cost) {
  nlohmann::ordered_json layers = nlohmann::ordered_json::array();
  for (const LayerCost& layer : cost.layers) {
    const Node& node = graph.node(layer.node);
    layers.push_back({{"layer", node.path},
                      {"op", name_of(node.op)},
                      {"attributes", describe(node.op)},
                      {"output", layer.output},
                      {"params", layer.params},
                      {"macs", layer.macs},
                      {"activation_bytes", layer.activation_bytes}});
  }
  const ToolboxCount toolbox = toolbox_count(graph, cost.layers.front().output);
  return {{"params", cost.params},
          {"macs", cost.macs},
          {"elastic_flops", cost.elastic_flops},
          {"toolbox_params", toolbox.params},
          {"toolbox_flops", toolbox.half()},
          {"activation_bytes", cost.activation_bytes},
          {"layers", std::move(layers)}};
}

std::string diagram(const Graph& graph, const std::string& title) {
  std::map<std::string, std::string> clusters;  // module -> its nodes' lines
  std::string edges;
  std::string module;
  for (NodeId id = 0; id < static_cast<NodeId>(graph.nodes().size()); ++id) {
    const Node& node = graph.node(id);
    if (!node.path.empty()) module = module_of(node.path);
    std::string text = name_of(node.op);
    if (const std::string attributes = describe(node.op); !attributes.empty()) text += "\n" + attributes;
    clusters[module] += format("    n{} [label={}{}];\n", id, escaped(text), node.effect_only ? ", style=dashed" : "");
    for (const NodeId input : node.inputs) edges += format("  n{} -> n{};\n", input, id);
  }
  std::string dot = format("digraph {} {{\n  rankdir=TB;\n  node [shape=box, fontname=\"sans-serif\", fontsize=10];\n",
                           escaped(title));
  for (const auto& [name, lines] : clusters) {
    dot += name.empty()
               ? lines
               : format("  subgraph {} {{\n    label={};\n{}  }}\n", escaped("cluster_" + name), escaped(name), lines);
  }
  return dot + edges + "}\n";
}

}  // namespace springbok::graph
