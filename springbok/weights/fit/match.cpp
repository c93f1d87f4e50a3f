// Matching by name and shape, under each naming, and the line that reports it.
#include "springbok/weights/fit/match.h"

#include <string_view>
#include <unordered_map>

#include "springbok/base/error.h"
#include "springbok/tensors/bytes.h"
#include "springbok/weights/fit/naming.h"

namespace springbok::weights {

namespace {

/// `, 2 missing (fc.weight, fc.bias)`; at most five are named.
std::string part(const std::vector<std::string>& items, std::string_view what) {
  constexpr std::size_t kMost = 5;
  if (items.empty()) return "";
  std::vector<std::string> named;
  for (std::size_t i = 0; i < std::min(items.size(), kMost); ++i) named.push_back(tensors::printable(items[i]));
  if (items.size() > kMost) named.push_back(format("and {} more", items.size() - kMost));
  return format(", {} {} ({})", items.size(), what, join(named));
}

std::vector<std::string> with_shapes(const Match& match) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < match.mismatched.size(); ++i)
    texts.push_back(format("{}: {}", match.mismatched[i], match.shapes[i]));
  return texts;
}

Fit fit_under(const graph::Graph& graph, const Naming& naming, const tensors::StateDict& dict, const NameIndex& names) {
  View found = view(dict, names.place_of(naming.keys), graph, naming.keys);
  Renamed renamed = rename(graph, naming, found.dict);
  Fit result{.dict = std::move(renamed.dict), .match = {}, .caveat = naming.caveat};
  result.match = match(graph, result.dict);
  result.match.naming = naming.name;
  result.match.renamed = renamed.renamed;
  result.match.ignored = std::move(renamed.ignored);
  result.match.prefix = std::move(found.prefix);
  result.match.head = std::move(found.head);
  result.match.twins = std::move(found.twins);
  for (const auto& item : found.outside) result.match.outside.push_back(item.first);
  return result;
}

/// ` behind 'model.'`, and where else.
std::string place_text(const Match& match) {
  if (match.prefix.empty()) return "";
  std::string text = format(" behind '{}'", tensors::printable(match.prefix));
  if (!match.head.empty()) text += format(" (the head's behind '{}')", tensors::printable(match.head));
  for (const std::string& twin : match.twins) {
    const std::string entry(tensors::printable(std::string_view(twin).substr(0, twin.size() - 1)));
    text += format(" (another network's stand behind '{}', which --entry {} takes)", tensors::printable(twin), entry);
  }
  return text;
}

}  // namespace

Match match(const graph::Graph& graph, const tensors::StateDict& dict) {
  std::unordered_map<std::string_view, std::size_t> by_name;
  for (std::size_t i = 0; i < dict.size(); ++i) by_name.emplace(dict[i].first, i);
  std::vector<bool> used(dict.size(), false);
  Match result;
  for (std::size_t i = 0; i < graph.params().size(); ++i) {
    const graph::Param& param = graph.params()[i];
    const auto found = by_name.find(param.name);
    if (found == by_name.end()) {
      if (!param.integer) result.missing.push_back(param.name);
      continue;
    }
    used[found->second] = true;
    const tensors::Tensor& tensor = dict[found->second].second;
    if (tensor.shape == param.shape) {
      result.pairs.push_back({i, found->second});
    } else {
      result.mismatched.push_back(param.name);
      result.shapes.push_back(format("the file has {}, the network wants {}", tensors::shape_text(tensor.shape),
                                     tensors::shape_text(param.shape)));
    }
  }
  for (std::size_t i = 0; i < dict.size(); ++i) {
    if (!used[i]) result.unexpected.push_back(dict[i].first);
  }
  return result;
}

Fit fit(const std::string& model, const graph::Graph& graph, const tensors::StateDict& dict, const NameIndex& names) {
  const std::vector<Naming> all = namings(model, graph);
  Fit best = fit_under(graph, all.front(), dict, names);
  for (std::size_t i = 1; i < all.size() && !best.match.complete(); ++i) {
    Fit other = fit_under(graph, all[i], dict, names);
    const std::size_t left = other.match.unexpected.size(), least = best.match.unexpected.size();
    const std::size_t pairs = other.match.pairs.size(), most = best.match.pairs.size();
    if (pairs > most || (pairs == most && left < least)) best = std::move(other);
  }
  return best;
}

Fit fit(const std::string& model, const graph::Graph& graph, const tensors::StateDict& dict) {
  return fit(model, graph, dict, NameIndex(dict));
}

std::string report(const Match& match) {
  std::string text = format("loaded {} tensors{}", match.pairs.size(), place_text(match));
  if (match.renamed > 0) text += format(", {} renamed from {}'s names", match.renamed, match.naming);
  return text + part(match.ignored, "ignored") + part(match.missing, "missing") + part(match.unexpected, "unexpected") +
         part(match.outside, "unused") + part(with_shapes(match), "of another shape");
}

}  // namespace springbok::weights
