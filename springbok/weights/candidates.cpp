// Finding networks by a file's names first, which needs one graph a model, then by its shapes.
#include "springbok/weights/candidates.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "springbok/base/error.h"
#include "springbok/weights/match.h"
#include "springbok/weights/naming.h"

namespace springbok::weights {

namespace {

/// What the file's shapes say of a network's options: the last matrix is the classifier's (the last 1x1 kernel where
/// there is no matrix), the first kernel the stem's.
struct Hints {
  std::optional<std::int64_t> classes, channels;
  bool small_stem = false;
};

Hints hints_of(const StateDict& dict) {
  Hints hints;
  std::optional<std::int64_t> pixel_classes;
  for (const auto& [name, tensor] : dict) {
    if (tensor.shape.size() == 2) hints.classes = tensor.shape[0];
    if (tensor.shape.size() == 4 && tensor.shape[2] * tensor.shape[3] == 1) pixel_classes = tensor.shape[0];
    if (tensor.shape.size() == 4 && !hints.channels) {
      hints.channels = tensor.shape[1];
      hints.small_stem = tensor.shape[2] == 3;
    }
  }
  if (!hints.classes) hints.classes = pixel_classes;
  return hints;
}

std::vector<zoo::ModelOptions> variants(const Hints& hints) {
  zoo::ModelOptions options;
  options.classes = std::max<std::int64_t>(hints.classes.value_or(options.classes), 1);
  options.channels = std::max<std::int64_t>(hints.channels.value_or(options.channels), 1);
  std::vector<zoo::ModelOptions> out{options};
  // Where tensors stand in order of their names, the first kernel may be another one's.
  if (options.channels != zoo::ModelOptions().channels) {
    out.push_back(options);
    out.back().channels = zoo::ModelOptions().channels;
  }
  const std::size_t standard = out.size();
  for (std::size_t i = 0; hints.small_stem && i < standard; ++i) {
    out.push_back(out[i]);
    out.back().stem = "small";
  }
  return out;
}

/// Names of both / names of either, a missing num_batches_tracked not counted.
double share_of_names(const graph::Graph& graph, const Naming& naming,
                      const std::unordered_set<std::string_view>& names) {
  std::size_t same = 0, either = names.size();
  for (std::size_t i = 0; i < naming.keys.size(); ++i) {
    if (names.contains(naming.keys[i])) {
      ++same;
    } else if (!graph.params()[i].integer) {
      ++either;
    }
  }
  return either == 0 ? 0 : static_cast<double>(same) / static_cast<double>(either);
}

Candidate scored(const std::string& model, const zoo::ModelOptions& options, const graph::Graph& graph,
                 const StateDict& dict) {
  const Match match = fit(model, graph, dict).match;
  const std::size_t all = match.pairs.size() + match.missing.size() + match.unexpected.size() + match.mismatched.size();
  return {.model = model,
          .options = options,
          .naming = match.naming,
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

/// The model with those of the options under which most of it matches; the first ones when nothing does.
Candidate best_of(const zoo::ModelInfo& model, const std::vector<zoo::ModelOptions>& tried, const StateDict& dict) {
  Candidate best{.model = model.name, .options = tried.front()};
  for (const zoo::ModelOptions& options : tried) {
    const std::optional<graph::Graph> graph = build(model, options);
    if (!graph) continue;
    Candidate candidate = scored(model.name, options, *graph, dict);
    if (candidate.exact > best.exact || candidate.share > best.share) best = std::move(candidate);
    if (best.exact) break;
  }
  return best;
}

/// The models whose names are most like the file's, so that few need a look at shapes. Of those equally like it, all:
/// ResNet-50 and its wide form have the same names.
std::vector<const zoo::ModelInfo*> shortlist(const StateDict& dict, const std::vector<zoo::ModelInfo>& models) {
  constexpr std::size_t kEnough = 16;
  std::unordered_set<std::string_view> names;
  for (const auto& item : dict) names.insert(item.first);
  std::multimap<double, const zoo::ModelInfo*, std::greater<>> by_share;
  for (const zoo::ModelInfo& model : models) {
    const std::optional<graph::Graph> graph = build(model, {});
    check(graph.has_value(), "every model builds with the default options");
    double share = 0;
    for (const Naming& naming : namings(model.name, *graph))
      share = std::max(share, share_of_names(*graph, naming, names));
    if (share > 0) by_share.emplace(share, &model);
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

}  // namespace

Candidate candidate(const StateDict& dict, const std::string& model) {
  return best_of(zoo::find_model(model), variants(hints_of(dict)), dict);
}

std::vector<Candidate> candidates(const StateDict& dict, std::size_t most, const std::vector<zoo::ModelInfo>& models) {
  const std::vector<zoo::ModelOptions> tried = variants(hints_of(dict));
  std::vector<Candidate> all;
  for (const zoo::ModelInfo* model : shortlist(dict, models)) {
    Candidate best = best_of(*model, tried, dict);
    if (best.share > 0) all.push_back(std::move(best));
  }
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
  return format("{} ({:.0f} %{})", candidate.model, 100 * candidate.share, naming);
}

}  // namespace springbok::weights
