// The list of steps for people and for programs.
#include "springbok/engine/steps.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "springbok/base/error.h"
#include "springbok/base/indexed.h"
#include "springbok/base/text.h"

namespace springbok::engine {

std::string name_of(Kernel kernel) {
  switch (kernel) {
    case Kernel::aten:
      return "aten";
    case Kernel::in_place:
      return "in_place";
    case Kernel::norm:
      return "norm";
    case Kernel::norm_relu:
      return "norm_relu";
    case Kernel::norm_act:
      return "norm_act";
    case Kernel::upsample_add:
      return "upsample_add";
    case Kernel::append:
      return "append";
    case Kernel::norm_conv:
      return "norm_conv";
    case Kernel::conv_weights:
      return "conv_weights";
    case Kernel::grouped_conv:
      return "grouped_conv";
    case Kernel::depthwise:
      return "depthwise";
    case Kernel::gate:
      return "gate";
    case Kernel::left_out:
      return "left_out";
  }
  check(false, "a kernel without a name");
  return "";
}

std::string steps_text(const graph::Graph& graph, const Steps& steps) {
  Indexed<const Step*> of_node(graph.nodes().size(), nullptr);
  std::map<Kernel, int> counts;
  for (const Step& step : steps) {
    of_node[step.node] = &step;
    for (const graph::NodeId covered : step.covers) of_node[covered] = &step;
    ++counts[step.kernel];
  }
  std::size_t widest = 5;
  for (const graph::Node& node : graph.nodes()) widest = std::max(widest, node.path.size());
  std::string text = format("{:{}}  {:16} {:12}  {}\n", "layer", widest, "op", "kernel", "why");
  for (graph::NodeId id = 0; id < std::ssize(of_node); ++id) {
    const Step* step = of_node[id];
    if (step == nullptr) continue;
    const graph::Node& node = graph.node(id);
    const std::string why = step->node == id ? step->why : "with " + graph::label(graph, step->node);
    const std::string line =
        format("{:{}}  {:16} {:12}  {}", node.path, widest, graph::name_of(node.op), name_of(step->kernel), why);
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  std::vector<std::string> parts;
  for (const auto& [kernel, count] : counts) parts.push_back(format("{} {}", count, name_of(kernel)));
  return text + format("{} steps: {}\n", steps.size(), join(parts));
}

nlohmann::ordered_json steps_json(const graph::Graph& graph, const Steps& steps) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Step& step : steps) {
    std::vector<std::string> covers;
    for (const graph::NodeId covered : step.covers) covers.push_back(graph::label(graph, covered));
    list.push_back({{"layer", graph::label(graph, step.node)},
                    {"op", graph::name_of(graph.node(step.node).op)},
                    {"kernel", name_of(step.kernel)},
                    {"covers", std::move(covers)},
                    {"why", step.why}});
  }
  return list;
}

}  // namespace springbok::engine
