// Finding networks by a file's names first, which needs one graph a model, then by its shapes.
#include "springbok/weights/fit/candidates.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "springbok/base/error.h"
#include "springbok/tensors/bytes.h"
#include "springbok/weights/fit/allow.h"
#include "springbok/weights/fit/match.h"
#include "springbok/weights/fit/naming.h"

namespace springbok::weights {

namespace {

/// What the shapes of a file's tensors, under a network's names, say of its options. They are the first dimension of
/// the classifier's weight, the second of the first kernel, and that kernel's size.
struct Hints {
  std::optional<std::int64_t> classes, channels;
  bool small_stem = false;
};

Hints hints_of(const graph::Graph& graph, const std::vector<std::string>& head, const tensors::StateDict& dict) {
  std::unordered_map<std::string_view, const tensors::Tensor*> by_name;
  for (const auto& [name, tensor] : dict) by_name.emplace(name, &tensor);
  const auto shape_of = [&](const std::string& name) -> const std::vector<std::int64_t>* {
    const auto found = by_name.find(name);
    return found == by_name.end() || found->second->shape.size() < 2 ? nullptr : &found->second->shape;
  };
  Hints hints;
  for (const std::string& name : head) {
    if (const auto* shape = shape_of(name); shape != nullptr && !hints.classes) hints.classes = shape->front();
  }
  const auto& params = graph.params();
  const auto stem = std::find_if(params.begin(), params.end(), [](const auto& p) { return p.shape.size() == 4; });
  const auto* kernel = stem == params.end() ? nullptr : shape_of(stem->name);
  if (kernel != nullptr && kernel->size() == 4) {
    hints.channels = (*kernel)[1];
    hints.small_stem = (*kernel)[2] == 3;
  }
  return hints;
}

std::vector<zoo::ModelOptions> variants(const Hints& hints) {
  zoo::ModelOptions options;
  options.classes = std::max<std::int64_t>(hints.classes.value_or(options.classes), 1);
  options.channels = std::max<std::int64_t>(hints.channels.value_or(options.channels), 1);
  std::vector<zoo::ModelOptions> out{options};
  if (hints.small_stem) {
    out.push_back(options);
    out.back().stem = zoo::Stem::small;
  }
  return out;
}

/// Names of both / names of either, behind the best prefix, a missing num_batches_tracked not counted.
double share_of_names(const graph::Graph& graph, const Naming& naming, const NameIndex& names) {
  const Place place = names.place_of(naming.keys);
  if (place.count == 0) return 0;
  std::size_t either = names.count_behind(place.prefix), integers = 0;
  for (const graph::Param& param : graph.params()) integers += param.integer ? 1 : 0;
  const std::size_t missing = naming.keys.size() - place.count;
  either += missing > integers ? missing - integers : 0;
  return static_cast<double>(place.count) / static_cast<double>(either);
}

Candidate scored(const std::string& model, const zoo::ModelOptions& options, const Match& match) {
  const std::size_t all = match.pairs.size() + match.missing.size() + match.unexpected.size() + match.mismatched.size();
  return {.model = model,
          .options = options,
          .naming = match.naming,
          .prefix = match.prefix,
          .share = all == 0 ? 0 : static_cast<double>(match.pairs.size()) / static_cast<double>(all),
          .exact = match.complete()};
}

/// A model that does not honour these options is not a candidate with them.
std::optional<graph::Graph> build(const zoo::ModelInfo& model, const zoo::ModelOptions& options) {
  try {
    return model.build(options);
  } catch (const UsageError&) {
    return std::nullopt;
  }
}

graph::Graph build_plain(const zoo::ModelInfo& model) {
  std::optional<graph::Graph> graph = build(model, {});
  check(graph.has_value(), "every model builds with the default options");
  return std::move(*graph);
}

/// The model with those of the options that the shapes speak for under which most of it matches.
Candidate best_of(const zoo::ModelInfo& model, const tensors::StateDict& dict, const NameIndex& names) {
  const graph::Graph plain = build_plain(model);
  const std::vector<std::string> head =
      changed_params(plain, model.build({.classes = zoo::ModelOptions().classes + 1}));
  const std::vector<zoo::ModelOptions> tried =
      variants(hints_of(plain, head, fit(model.name, plain, dict, names).dict));
  Candidate best{.model = model.name, .options = tried.front()};
  for (const zoo::ModelOptions& options : tried) {
    const std::optional<graph::Graph> graph = build(model, options);
    if (!graph) continue;
    Candidate candidate = scored(model.name, options, fit(model.name, *graph, dict, names).match);
    if (candidate.exact > best.exact || candidate.share > best.share) best = std::move(candidate);
    if (best.exact) break;
  }
  return best;
}

/// The models whose names are most like the file's, so that few need a look at shapes. Of those equally like it, all:
/// ResNet-50 and its wide form have the same names.
std::vector<const zoo::ModelInfo*> shortlist(const NameIndex& names, const std::vector<zoo::ModelInfo>& models) {
  constexpr std::size_t kEnough = 16;
  constexpr double kLeast = 0.01;  // else a file of very many tensors costs much and is near nothing
  std::multimap<double, const zoo::ModelInfo*, std::greater<>> by_share;
  for (const zoo::ModelInfo& model : models) {
    const graph::Graph graph = build_plain(model);
    double share = 0;
    for (const Naming& naming : namings(model.name, graph))
      share = std::max(share, share_of_names(graph, naming, names));
    if (share >= kLeast) by_share.emplace(share, &model);
  }
  std::vector<const zoo::ModelInfo*> found;
  double last = 0;
  for (const auto& [share, model] : by_share) {
    if (found.size() >= kEnough && share < last) break;
    found.push_back(model);
    last = share;
  }
  return found;
}

/// Leaves out what fits as a part of something that fits: the trunk of a segmenting network.
void drop_parts(std::vector<Candidate>& all) {
  std::vector<std::string> places;
  for (const Candidate& candidate : all) {
    if (candidate.exact) places.push_back(candidate.prefix);
  }
  const auto is_part = [&](const Candidate& candidate) {
    return candidate.exact && std::any_of(places.begin(), places.end(), [&](const std::string& place) {
             return place.size() < candidate.prefix.size() && candidate.prefix.starts_with(place);
           });
  };
  all.erase(std::remove_if(all.begin(), all.end(), is_part), all.end());
}

}  // namespace

Candidate candidate(const tensors::StateDict& dict, const std::string& model) {
  return best_of(zoo::find_model(model), dict, NameIndex(dict));
}

std::vector<Candidate> candidates(const tensors::StateDict& dict, std::size_t most,
                                  const std::vector<zoo::ModelInfo>& models) {
  const NameIndex names(dict);
  std::vector<Candidate> all;
  for (const zoo::ModelInfo* model : shortlist(names, models)) {
    Candidate best = best_of(*model, dict, names);
    if (best.share > 0) all.push_back(std::move(best));
  }
  drop_parts(all);
  std::stable_sort(all.begin(), all.end(), [](const Candidate& a, const Candidate& b) {
    return a.exact != b.exact ? a.exact : a.share > b.share;
  });
  const auto exact = std::count_if(all.begin(), all.end(), [](const Candidate& candidate) { return candidate.exact; });
  most = std::max(most, static_cast<std::size_t>(exact));
  if (all.size() > most) all.resize(most);
  return all;
}

std::string to_text(const Candidate& candidate) {
  const std::string naming = candidate.naming.empty() ? "" : format(", under {}'s names", candidate.naming);
  const std::string prefix =
      candidate.prefix.empty() ? "" : format(", behind '{}'", tensors::printable(candidate.prefix));
  return format("{} ({:.0f} %{}{})", candidate.model, 100 * candidate.share, prefix, naming);
}

}  // namespace springbok::weights
