// From a file to a network's tensors: one search, one check, and advice that leads on.
#include "springbok/weights/fit/adopt.h"

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "springbok/base/error.h"
#include "springbok/tensors/bytes.h"
#include "springbok/tensors/finite.h"
#include "springbok/weights/fit/allow.h"
#include "springbok/weights/fit/candidates.h"

namespace springbok::weights {
namespace {

std::string listed(const std::vector<Candidate>& candidates) {
  std::vector<std::string> texts;
  for (const Candidate& candidate : candidates) texts.push_back(to_text(candidate));
  return join(texts);
}

/// The one network whose tensors these are.
Candidate the_fitting(const tensors::StateDict& dict, const std::string& where) {
  std::vector<Candidate> found = candidates(dict);
  const auto exact = std::count_if(found.begin(), found.end(), [](const auto& candidate) { return candidate.exact; });
  if (exact == 1) return found.front();
  if (found.empty()) {
    fail_usage(
        "{}: no network of the zoo has tensors of these names; see 'springbok weights inspect {}' for them and "
        "'springbok models list' for the networks",
        where, where);
  }
  if (exact == 0) fail_usage("{}: no model fits its tensors; name one with --model: {}", where, listed(found));
  found.resize(static_cast<std::size_t>(exact));
  std::unordered_set<std::string> places;
  for (const Candidate& candidate : found) places.insert(candidate.prefix);
  fail_usage("{}: several models fit its tensors; name one with --model{}: {}", where,
             places.size() > 1 ? ", or what stands before its names with --entry" : "", listed(found));
}

/// What to do with weights that fall short of a model: the one that they are, else those that are near.
std::string remedy_for(const tensors::StateDict& dict, const Adopted& adopted, const Wanted& wanted) {
  if (!wanted.remedy.empty()) return wanted.remedy;
  if (wanted.described) return "copy or download it again";
  std::vector<Candidate> found = candidates(dict);
  const auto same = std::find_if(found.begin(), found.end(), [&](const auto& c) { return c.model == adopted.model; });
  if (same != found.end() && same->exact) {
    return format("the file's {} has {} classes and {} channels, not {} and {}", adopted.model, same->options.classes,
                  same->options.channels, adopted.options.classes, adopted.options.channels);
  }
  if (found.empty()) return "no network of the zoo has tensors of these names";
  if (!found.front().exact && found.front().model == adopted.model) return "no other network of the zoo is nearer";
  if (!found.front().exact) return format("the nearest models are {}", listed(found));
  return "leave out --model to have the one found that fits";
}

void check_finite(const Adopted& adopted, const std::string& where) {
  for (const tensors::Pair& pair : adopted.fit.match.pairs) {
    const auto& [name, tensor] = adopted.fit.dict[pair.entry];
    const std::optional<double> bad = first_not_finite(tensor);
    if (!bad) continue;
    const char* what = std::isfinite(*bad) ? "more than float32 holds" : "which is no weight";
    fail("{}: {} holds {:g}, {}; the training that wrote it had diverged: take an earlier checkpoint", where, name,
         *bad, what);
  }
}

}  // namespace

Adopted adopt(const tensors::File& file, const Wanted& wanted) {
  const tensors::StateDict dict = named_tensors(file, wanted.entry);
  Adopted adopted;
  adopted.model = wanted.model;
  if (wanted.options) {
    adopted.options = *wanted.options;
  } else {
    const Candidate found = wanted.model.empty() ? the_fitting(dict, file.name) : candidate(dict, wanted.model);
    adopted.model = found.model;
    adopted.options = found.options;
  }
  adopted.graph = zoo::build(adopted.model, adopted.options);
  adopted.fit = fit(adopted.model, adopted.graph, dict);
  if (!adopted.fit.match.complete()) {
    const bool told = wanted.options && !wanted.described;
    const std::string classes = told ? format(" with {} classes", adopted.options.classes) : "";
    expect_allowed(adopted.fit.match, head_params(adopted.model, adopted.options), wanted.allow,
                   format("{}: does not fit {}{}", file.name, adopted.model, classes),
                   [&] { return remedy_for(dict, adopted, wanted); });
  }
  check_finite(adopted, file.name);
  return adopted;
}

std::string line_of(const tensors::File& file, const Adopted& adopted) {
  const std::string caveat = adopted.fit.caveat.empty() ? "" : "; note: " + adopted.fit.caveat;
  return format("{}: {}: {}{}", file.name, adopted.model, report(adopted.fit.match), caveat);
}

tensors::StateDict tensors_of(const tensors::File& file, const std::string& entry, std::string& said) {
  tensors::StateDict dict = state_dict(file, entry);
  const std::vector<Candidate> found = candidates(dict, 1);
  if (found.empty() || !found.front().exact || found.front().prefix.empty()) return dict;
  const Fit best = fit(found.front().model, zoo::build(found.front().model, found.front().options), dict);
  tensors::StateDict result;
  std::unordered_set<std::string> names;
  for (const auto& [name, tensor] : dict) {
    const bool inside = name.starts_with(best.match.prefix) && name.size() > best.match.prefix.size();
    result.emplace_back(inside ? name.substr(best.match.prefix.size()) : name, tensor);
    if (!names.insert(result.back().first).second) return dict;
  }
  said = format("{}: its {} stands behind '{}', which is left out of the names", file.name, found.front().model,
                tensors::printable(best.match.prefix));
  return result;
}

}  // namespace springbok::weights
