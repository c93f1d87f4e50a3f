// Matching by name and shape, the line that reports it, and the zoo's nearest models.
#include "springbok/weights/match.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "springbok/base/error.h"

namespace springbok::weights {

namespace {

using ByName = std::unordered_map<std::string_view, std::size_t>;

ByName index(const StateDict& dict) {
  ByName by_name;
  for (std::size_t i = 0; i < dict.size(); ++i) by_name.emplace(dict[i].first, i);
  return by_name;
}

/// `, 2 missing (fc.weight, fc.bias)`; at most five are named.
std::string part(const std::vector<std::string>& items, std::string_view what) {
  constexpr std::size_t kMost = 5;
  if (items.empty()) return "";
  std::vector<std::string> named(items.begin(),
                                 items.begin() + static_cast<std::ptrdiff_t>(std::min(items.size(), kMost)));
  if (items.size() > kMost) named.push_back(format("and {} more", items.size() - kMost));
  return format(", {} {} ({})", items.size(), what, join(named));
}

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

/// Counts as match() does, without its texts.
Candidate score(const graph::Graph& graph, const StateDict& dict, const ByName& by_name) {
  std::size_t same = 0, either = dict.size();
  bool complete = true;
  for (const graph::Param& param : graph.params()) {
    const auto found = by_name.find(param.name);
    const bool matches = found != by_name.end() && dict[found->second].second.shape == param.shape;
    if (matches) ++same;
    if (found == by_name.end() && !param.integer) ++either;
    if (!matches && !(param.integer && found == by_name.end())) complete = false;
  }
  Candidate candidate;
  candidate.share = either == 0 ? 0 : static_cast<double>(same) / static_cast<double>(either);
  candidate.exact = complete && same == dict.size();
  return candidate;
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
Candidate best_of(const zoo::ModelInfo& model, const std::vector<zoo::ModelOptions>& tried, const StateDict& dict,
                  const ByName& by_name) {
  Candidate best{.model = model.name, .options = tried.front()};
  for (const zoo::ModelOptions& options : tried) {
    const std::optional<graph::Graph> graph = build(model, options);
    if (!graph) continue;
    Candidate candidate = score(*graph, dict, by_name);
    candidate.model = model.name;
    candidate.options = options;
    if (candidate.exact > best.exact || candidate.share > best.share) best = candidate;
  }
  return best;
}

}  // namespace

Match match(const graph::Graph& graph, const StateDict& dict) {
  const ByName by_name = index(dict);
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
    const Tensor& tensor = dict[found->second].second;
    if (tensor.shape == param.shape) {
      result.pairs.push_back({i, found->second});
    } else {
      result.mismatched.push_back(format("{}: the file has {}, the network wants {}", param.name,
                                         shape_text(tensor.shape), shape_text(param.shape)));
    }
  }
  for (std::size_t i = 0; i < dict.size(); ++i) {
    if (!used[i]) result.unexpected.push_back(dict[i].first);
  }
  return result;
}

std::string report(const Match& match) {
  return format("loaded {} tensors", match.pairs.size()) + part(match.missing, "missing") +
         part(match.unexpected, "unexpected") + part(match.mismatched, "of another shape");
}

Candidate candidate(const StateDict& dict, const std::string& model) {
  return best_of(zoo::find_model(model), variants(hints_of(dict)), dict, index(dict));
}

std::vector<Candidate> candidates(const StateDict& dict, std::size_t most) {
  const ByName by_name = index(dict);
  const std::vector<zoo::ModelOptions> tried = variants(hints_of(dict));
  std::vector<Candidate> all;
  for (const zoo::ModelInfo& model : zoo::models()) {
    Candidate best = best_of(model, tried, dict, by_name);
    if (best.share > 0) all.push_back(std::move(best));
  }
  std::stable_sort(all.begin(), all.end(), [](const Candidate& a, const Candidate& b) {
    return a.exact != b.exact ? a.exact : a.share > b.share;
  });
  if (all.size() > most) all.resize(most);
  return all;
}

}  // namespace springbok::weights
