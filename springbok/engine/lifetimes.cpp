// Last readers, and who may overwrite what.
#include "springbok/engine/lifetimes.h"

#include <algorithm>

#include "springbok/engine/in_place.h"

namespace springbok::engine {

using namespace graph;

namespace {

/// Why the node may not overwrite its first input, which is read so often.
const char* reason_to_keep(const Graph& graph, const Node& node, int readers) {
  if (!can_overwrite(node.op)) return "";
  const NodeId input = node.inputs[0];
  const Saves maker = saves(graph.node(input).op);
  if (readers != 1) return "its input is read again";
  if (input == graph.output()) return "its input is the network's output";
  if (maker.output) return "its input's gradient reads it";
  if (maker.makes_view) return "its input may be another's memory";
  return nullptr;
}

}  // namespace

Lifetimes find_lifetimes(const Graph& graph, const Fusions& fusions) {
  const auto count = static_cast<NodeId>(graph.nodes().size());
  Indexed<NodeId> last(graph.nodes().size(), -1);
  Indexed<int> readers(graph.nodes().size(), 0);
  for (NodeId id = 0; id < count; ++id) {
    for (const NodeId input : graph.node(id).inputs) {
      last[input] = std::max(last[input], fusions.end(id));
      ++readers[input];
    }
  }
  Lifetimes lifetimes{.dies = Indexed<std::vector<NodeId>>(graph.nodes().size()),
                      .keeps = Indexed<const char*>(graph.nodes().size(), "")};
  for (NodeId id = 0; id < count; ++id) {
    const bool kept = id == graph.output() || id == graph.auxiliary();
    if (!kept) lifetimes.dies[last[id] < 0 ? id : last[id]].push_back(id);
    if (id > 0) lifetimes.keeps[id] = reason_to_keep(graph, graph.node(id), readers[graph.node(id).inputs[0]]);
  }
  return lifetimes;
}

}  // namespace springbok::engine
