// Prefixes by a few of a network's names, and the classifier that stands elsewhere.
#include "springbok/weights/fit/prefix.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <unordered_set>

namespace springbok::weights {
namespace {

/// The last two parts of a name; the name itself where it has no more.
std::string_view ending_of(std::string_view name) {
  const std::size_t last = name.rfind('.');
  if (last == std::string_view::npos || last == 0) return name;
  const std::size_t before = name.rfind('.', last - 1);
  return before == std::string_view::npos ? name : name.substr(before + 1);
}

/// What `name` has before `key`, if it ends in it.
std::optional<std::string_view> before(std::string_view name, std::string_view key) {
  if (!name.ends_with(key)) return std::nullopt;
  const std::string_view prefix = name.substr(0, name.size() - key.size());
  if (!prefix.empty() && prefix.back() != '.') return std::nullopt;
  return prefix;
}

/// Of networks beside each other the later choice: averages, momentum and target networks, students.
bool is_second(std::string_view prefix) {
  static constexpr std::array<std::string_view, 7> kWords{"ema", "averag",  "momentum", "target",
                                                          "_k.", "student", "shadow"};
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](std::string_view word) { return prefix.find(word) != std::string_view::npos; });
}

bool same_input(const std::vector<std::int64_t>& a, const std::vector<std::int64_t>& b) {
  return a.size() == b.size() && !a.empty() && std::equal(a.begin() + 1, a.end(), b.begin() + 1);
}

/// Everything up to and with the last dot.
std::string_view layer_of(std::string_view name) {
  return name.substr(0, name.rfind('.') + 1);
}

using Missing = std::vector<std::size_t>;  ///< parameters

/// Whether what stands behind `prefix` may be a classifier: a few tensors, not a second network with one of its own.
bool is_small(const View& view, std::string_view prefix) {
  constexpr std::ptrdiff_t kMost = 16;
  std::size_t dot = 0;  // the first part that the network's own prefix does not share
  while (dot < prefix.size() && prefix.substr(0, dot) == std::string_view(view.prefix).substr(0, dot))
    dot = prefix.find('.', dot) + 1;
  const std::string_view branch = prefix.substr(0, dot);
  return std::count_if(view.outside.begin(), view.outside.end(),
                       [&](const auto& item) { return item.first.starts_with(branch); }) <= kMost;
}

/// The one prefix among the tensors outside behind which all of the missing names stand; "" when there is none.
std::string common_prefix(const View& view, const std::vector<std::string>& keys, const Missing& missing) {
  std::unordered_set<std::string_view> names;
  for (const auto& item : view.outside) names.insert(item.first);
  std::vector<std::string> found;
  for (const auto& item : view.outside) {
    const auto prefix = before(item.first, keys[missing.front()]);
    if (!prefix || prefix->empty()) continue;
    const bool all = std::all_of(missing.begin(), missing.end(),
                                 [&](std::size_t param) { return names.contains(std::string(*prefix) + keys[param]); });
    if (all) found.emplace_back(*prefix);
  }
  return found.size() == 1 && is_small(view, found.front()) ? found.front() : "";
}

/// The one layer outside that has the missing layer's parameters with as many inputs; "" when there is none.
std::string layer_outside(const View& view, const graph::Graph& graph, const std::vector<std::string>& keys,
                          const Missing& missing) {
  const std::string_view layer = layer_of(keys[missing.front()]);
  std::map<std::string_view, std::size_t> fits;
  for (const std::size_t param : missing) {
    if (layer_of(keys[param]) != layer) return "";
    const auto& wanted = graph.params()[param].shape;
    for (const auto& [name, tensor] : view.outside) {
      const std::string_view leaf = std::string_view(keys[param]).substr(layer.size());
      const auto prefix = before(name, leaf);
      if (prefix && !prefix->empty() && same_input(tensor.shape, wanted)) ++fits[*prefix];
    }
  }
  std::vector<std::string> found;
  for (const auto& [prefix, count] : fits) {
    if (count == missing.size()) found.emplace_back(prefix);
  }
  return found.size() == 1 && is_small(view, found.front()) ? found.front() : "";
}

/// Moves a classifier from outside to its place, if it is there.
void fetch_head(View& view, const graph::Graph& graph, const std::vector<std::string>& keys) {
  constexpr std::size_t kMost = 4;  // parameters of a classifier
  std::unordered_set<std::string_view> inside;
  for (const auto& item : view.dict) inside.insert(item.first);
  Missing missing;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!graph.params()[i].integer && !inside.contains(keys[i])) missing.push_back(i);
    if (missing.size() > kMost) return;
  }
  if (missing.empty()) return;
  std::map<std::string, std::string> wanted;  // name outside -> name inside
  if (const std::string prefix = common_prefix(view, keys, missing); !prefix.empty()) {
    for (const std::size_t param : missing) wanted[prefix + keys[param]] = keys[param];
    view.head = prefix;
  } else if (const std::string layer = layer_outside(view, graph, keys, missing); !layer.empty()) {
    for (const std::size_t param : missing)
      wanted[layer + keys[param].substr(layer_of(keys[param]).size())] = keys[param];
    view.head = layer;
  }
  tensors::StateDict rest;
  for (auto& [name, tensor] : view.outside) {
    const auto at = wanted.find(name);
    (at == wanted.end() ? rest : view.dict).emplace_back(at == wanted.end() ? name : at->second, tensor);
  }
  view.outside = std::move(rest);
}

}  // namespace

NameIndex::NameIndex(const tensors::StateDict& dict) : dict_(dict) {
  constexpr std::size_t kMost = 1000;  // names of one ending; more networks in one file than anyone has
  for (std::size_t i = 0; i < dict.size(); ++i) {
    names_.emplace(dict[i].first, i);
    std::vector<std::size_t>& same = by_ending_[ending_of(dict[i].first)];
    if (same.size() < kMost) same.push_back(i);
  }
}

std::size_t NameIndex::count_of(const std::vector<std::string>& keys, const std::string& prefix) const {
  std::size_t count = 0;
  std::string name = prefix;
  for (const std::string& key : keys) {
    name.resize(prefix.size());
    name += key;
    if (names_.contains(name)) ++count;
  }
  return count;
}

std::size_t NameIndex::count_behind(const std::string& prefix) const {
  if (prefix.empty()) return dict_.size();
  return static_cast<std::size_t>(
      std::count_if(dict_.begin(), dict_.end(), [&](const auto& item) { return item.first.starts_with(prefix); }));
}

/// What stands before most of three of the names, in the file's order.
std::vector<std::string> NameIndex::prefixes_of(const std::vector<std::string>& keys) const {
  std::map<std::string_view, std::size_t> votes;
  std::vector<std::string_view> order;
  const std::array anchors{std::size_t{0}, keys.size() / 2, keys.size() - 1};
  for (const std::size_t anchor : anchors) {
    const auto found = by_ending_.find(ending_of(keys[anchor]));
    if (found == by_ending_.end()) continue;
    for (const std::size_t at : found->second) {
      const auto prefix = before(dict_[at].first, keys[anchor]);
      if (!prefix) continue;
      if (++votes[*prefix] == 1) order.push_back(*prefix);
    }
  }
  std::size_t most = 0;
  for (const auto& [prefix, count] : votes) most = std::max(most, count);
  std::vector<std::string> best;
  constexpr std::size_t kEnough = 32;
  for (const std::string_view prefix : order) {
    if (votes[prefix] == most && best.size() < kEnough) best.emplace_back(prefix);
  }
  return best;
}

Place NameIndex::place_of(const std::vector<std::string>& keys) const {
  Place place;
  if (keys.empty()) return place;
  place.count = count_of(keys, "");
  for (const std::string& prefix : prefixes_of(keys)) {
    if (prefix.empty()) continue;
    const std::size_t count = count_of(keys, prefix);
    if (count < place.count || count == 0) continue;
    const bool better = count > place.count || (is_second(place.prefix) && !is_second(prefix));
    if (count > place.count) place.twins.clear();
    if (count == place.count) place.twins.push_back(better ? place.prefix : prefix);
    if (better) place.prefix = prefix;
    place.count = count;
  }
  return place;
}

View view(const tensors::StateDict& dict, const Place& place, const graph::Graph& graph,
          const std::vector<std::string>& keys) {
  View result{.dict = {}, .prefix = place.prefix, .head = {}, .outside = {}, .twins = place.twins};
  if (place.prefix.empty()) {
    result.dict = dict;
    return result;
  }
  for (const auto& [name, tensor] : dict) {
    if (name.starts_with(place.prefix) && name.size() > place.prefix.size()) {
      result.dict.emplace_back(name.substr(place.prefix.size()), tensor);
    } else {
      result.outside.emplace_back(name, tensor);
    }
  }
  fetch_head(result, graph, keys);
  return result;
}

}  // namespace springbok::weights
