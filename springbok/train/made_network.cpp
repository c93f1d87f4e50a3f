// Building, refilling and freezing.
#include "springbok/train/made_network.h"

#include <algorithm>

#include "springbok/base/error.h"
#include "springbok/weights/fit/allow.h"

namespace springbok::train {
namespace {

/// `*` stands for any characters.
bool fits(std::string_view pattern, std::string_view name) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == name;
  if (!name.starts_with(pattern.substr(0, star))) return false;
  const std::string_view rest = pattern.substr(star + 1);
  for (std::size_t at = star; at <= name.size(); ++at) {
    if (fits(rest, name.substr(at))) return true;
  }
  return false;
}

bool names(const std::string& pattern, const std::string& param) {
  return fits(pattern, param) || fits(pattern + ".*", param);
}

/// `conv1, bn1, layer1, ...`: the first parts of the names.
std::string parts_of(const graph::Graph& graph) {
  constexpr std::size_t kShown = 8;
  std::vector<std::string> parts;
  for (const graph::Param& param : graph.params()) {
    std::string part = param.name.substr(0, param.name.find('.'));
    if (std::find(parts.begin(), parts.end(), part) == parts.end()) parts.push_back(std::move(part));
  }
  return join_first(parts, kShown);
}

/// Whether a parameter is one of the head's.
bool holds(const std::vector<std::string>& head, const std::string& name) {
  return std::find(head.begin(), head.end(), name) != head.end();
}

/// The parameters of the last linear layer.
std::vector<std::string> last_linear(const graph::Graph& graph) {
  for (auto id = static_cast<graph::NodeId>(graph.nodes().size()) - 1; id >= 0; --id) {
    const auto* linear = std::get_if<graph::Linear>(&graph.node(id).op);
    if (linear == nullptr) continue;
    std::vector<std::string> names{graph.param(linear->weight).name};
    if (linear->bias != graph::kNoParam) names.push_back(graph.param(linear->bias).name);
    return names;
  }
  return {};
}

void keep_statistics(graph::Graph& graph) {
  const auto count = static_cast<graph::NodeId>(graph.nodes().size());
  for (graph::NodeId id = 0; id < count; ++id) {
    const auto* norm = std::get_if<graph::Norm>(&graph.node(id).op);
    if (norm == nullptr || norm->weight == graph::kNoParam || graph.param(norm->weight).trainable) continue;
    graph::Norm frozen = *norm;
    frozen.kind = graph::NormKind::frozen;
    graph.set_op(id, frozen);
  }
}

}  // namespace

std::vector<std::string> head_of(const recipe::Recipe& recipe, const graph::Graph& graph) {
  const std::vector<zoo::ModelInfo>& models = zoo::models();
  const auto model = std::find_if(models.begin(), models.end(), [&](const auto& m) { return m.name == recipe.model; });
  if (model == models.end()) return last_linear(graph);
  return weights::head_params(recipe.model, recipe.options);
}

void freeze(graph::Graph& graph, const recipe::GroupSettings& settings, const std::vector<std::string>& head,
            const std::string& model) {
  const auto count = static_cast<graph::ParamId>(graph.params().size());
  for (const std::string& pattern : settings.freeze) {
    bool found = false;
    for (graph::ParamId id = 0; id < count; ++id) {
      const graph::Param& param = graph.param(id);
      const bool named = pattern == "backbone" ? !holds(head, param.name) : names(pattern, param.name);
      if (!named || param.buffer) continue;
      found = true;
      graph.set_trainable(id, false);
    }
    if (!found) fail_usage("--freeze: '{}' names no parameter of {}, which has {}", pattern, model, parts_of(graph));
  }
  const auto& params = graph.params();
  const bool left = std::any_of(params.begin(), params.end(), [](const auto& param) { return param.trainable; });
  if (!left) fail_usage("--freeze: nothing of {} is left to learn", model);
  if (settings.freeze_stats) keep_statistics(graph);
}

graph::Graph made_network(const recipe::Recipe& recipe, const graph::Graph* own) {
  graph::Graph graph = own != nullptr ? *own : zoo::build(recipe.model, recipe.options);
  refill(graph, recipe.init_scheme);
  if (recipe.groups.freeze.empty()) return graph;
  freeze(graph, recipe.groups, head_of(recipe, graph), recipe.model);
  return graph;
}

}  // namespace springbok::train
