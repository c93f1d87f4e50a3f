// Sorting what is missing by the words that allow it.
#include "springbok/weights/fit/allow.h"

#include <algorithm>

#include "springbok/base/error.h"

namespace springbok::weights {
namespace {

bool holds(const std::vector<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

}  // namespace

const std::vector<std::string>& allowable() {
  static const std::vector<std::string> words{"head", "missing", "shapes", "unused"};
  return words;
}

std::vector<std::string> changed_params(const graph::Graph& one, const graph::Graph& other) {
  check(one.params().size() == other.params().size(), "the number of classes changes shapes only");
  std::vector<std::string> names;
  for (std::size_t i = 0; i < one.params().size(); ++i) {
    if (one.params()[i].shape != other.params()[i].shape) names.push_back(one.params()[i].name);
  }
  return names;
}

std::vector<std::string> head_params(const std::string& model, const zoo::ModelOptions& options) {
  const graph::Graph graph = zoo::build(model, options);
  if (zoo::find_model(model).task == zoo::Task::segment) {
    std::vector<std::string> names;
    for (const graph::Param& param : graph.params()) {
      if (zoo::behind_trunk(param.name)) names.push_back(param.name);
    }
    return names;
  }
  zoo::ModelOptions more = options;
  ++more.classes;
  return changed_params(graph, zoo::build(model, more));
}

std::vector<std::string> shortfalls(const Match& match, const std::vector<std::string>& head) {
  const auto all_in_head = [&](const std::vector<std::string>& names) {
    return std::all_of(names.begin(), names.end(), [&](const std::string& name) { return holds(head, name); });
  };
  const auto some_in_head = [&](const std::vector<std::string>& names) {
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) { return holds(head, name); });
  };
  std::vector<std::string> words;
  if (some_in_head(match.missing) || some_in_head(match.mismatched)) words.emplace_back("head");
  if (!all_in_head(match.missing)) words.emplace_back("missing");
  if (!all_in_head(match.mismatched)) words.emplace_back("shapes");
  if (!match.unexpected.empty()) words.emplace_back("unused");
  return words;
}

void expect_allowed(const Match& match, const std::vector<std::string>& head, const std::vector<std::string>& allow,
                    const std::string& where, const std::function<std::string()>& remedy) {
  const std::vector<std::string> words = shortfalls(match, head);
  const bool all = std::all_of(words.begin(), words.end(), [&](const std::string& word) { return holds(allow, word); });
  if (all && !match.pairs.empty()) return;
  const std::string meant = match.pairs.empty() ? "" : format(", or, if that is meant, --allow {}", join(words, ","));
  fail("{}: {}; {}{}", where, report(match), remedy(), meant);
}

}  // namespace springbok::weights
