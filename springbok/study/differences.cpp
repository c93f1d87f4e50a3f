// Comparing records and logs.
#include "springbok/study/differences.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "springbok/base/json.h"
#include "springbok/base/quote.h"
#include "springbok/base/text.h"
#include "springbok/study/recipes.h"

namespace springbok::study {
namespace {

using Json = nlohmann::ordered_json;

/// Keys that say where and how a run ran; `threads` is not among them, as it changes the last bits.
bool is_harmless(const std::string& key) {
  static const std::set<std::string> keys{"data",       "workers",     "checkpoint_steps", "keep",
                                          "keep_every", "log_seconds", "tensorboard"};
  return keys.contains(key);
}

void compare(std::vector<Difference>& list, const std::string& what, const std::string& a, const std::string& b) {
  if (a != b) list.push_back({what, a, b});
}

void compare_records(const RunSummary& a, const RunSummary& b, Differences& found) {
  for (const auto& [what, keys] : record_places()) {
    compare(found.causes, what, recorded(a.record, keys), recorded(b.record, keys));
  }
}

void compare_losses(const RunSummary& a, const RunSummary& b, Differences& found) {
  const auto &x = a.log.steps, &y = b.log.steps;
  const std::size_t both = std::min(x.size(), y.size());
  std::size_t same = 0;
  while (same < both && x[same].step == y[same].step && x[same].loss == y[same].loss) ++same;
  found.same_steps = static_cast<std::int64_t>(same);
  if (same == both) return;
  const std::string what = x[same].step == y[same].step ? format("loss of step {}", x[same].step) : "loss of steps";
  const auto text = [&](const run::StepLine& line) {
    return x[same].step == y[same].step ? format("{:.17g}", line.loss) : format("{}: {:.17g}", line.step, line.loss);
  };
  found.loss = Difference{what, text(x[same]), text(y[same])};
}

void compare_results(const RunSummary& a, const RunSummary& b, Differences& found) {
  compare(found.results, "epochs", format("{}", a.epochs()), format("{}", b.epochs()));
  const run::EpochLine *x = a.best(), *y = b.best();
  if (x == nullptr || y == nullptr) return;
  compare(found.results, "best epoch", format("{}", x->epoch), format("{}", y->epoch));
  for (const metrics::Metric& metric : x->val) {
    compare(found.results, "best " + metrics::title_of(metric.key), format("{}", metric.value),
            format("{}", metrics::value_of(y->val, metric.key)));
  }
}

std::string verdict(const Differences& found) {
  if (!found.any()) return "the same recipe, data, build and machine, and the same results to the last bit";
  std::string text;
  if (found.loss) {
    text = format("losses are equal up to step {} of the log, and differ from there on", found.same_steps);
  } else {
    text = format("the losses of the {} steps that both have are equal to the last bit", found.same_steps);
  }
  if (found.causes.empty()) text += "; nothing that is recorded tells the runs apart";
  return text;
}

}  // namespace

const std::vector<std::pair<std::string, std::vector<std::string>>>& record_places() {
  static const std::vector<std::pair<std::string, std::vector<std::string>>> places{
      {"task", {"task"}},
      {"training images", {"data", "digest"}},
      {"classes", {"data", "classes"}},
      {"validation images", {"validation_data", "digest"}},
      {"springbok", {"springbok"}},
      {"build revision", {"build", "revision"}},
      {"build changed", {"build", "dirty"}},
      {"build type", {"build", "type"}},
      {"compiler", {"build", "compiler"}},
      {"LibTorch", {"libtorch"}},
      {"CPU", {"machine", "cpu"}},
      {"usable cores", {"machine", "usable_cores"}},
      {"goes on from", {"parent", "sha256"}},
      {"skipped steps", {"skipped_steps"}},
      {"rollbacks", {"rollbacks"}},
      {"stopped early after epoch", {"stopped_early_after"}},
  };
  return places;
}

std::string recorded(const Json& record, const std::vector<std::string>& keys) {
  const Json* here = &record;
  for (const std::string& key : keys) {
    if (!here->is_object() || !here->contains(key)) return "";
    here = &(*here)[key];
  }
  if (here->is_null()) return "";
  return here->is_string() ? here->get<std::string>() : json_text(*here);
}

Differences differences(const RunSummary& a, const RunSummary& b) {
  Differences found;
  for (const RecipeRow& row : compare_recipes({a, b}).different) {
    (is_harmless(row.key) ? found.harmless : found.causes)
        .push_back({"recipe " + row.key, row.values[0], row.values[1]});
  }
  compare_records(a, b, found);
  compare_losses(a, b, found);
  compare_results(a, b, found);
  return found;
}

std::string to_text(const Differences& differences, const RunSummary& a, const RunSummary& b) {
  std::vector<Difference> rows{{"", a.name, b.name}};
  rows.insert(rows.end(), differences.causes.begin(), differences.causes.end());
  if (differences.loss) rows.push_back(*differences.loss);
  rows.insert(rows.end(), differences.results.begin(), differences.results.end());
  for (const Difference& row : differences.harmless) rows.push_back({row.what + " (changes no result)", row.a, row.b});
  std::size_t first = 0, second = 0;
  for (Difference& row : rows) {
    for (std::string* text : {&row.a, &row.b}) *text = text->empty() ? "-" : shortened(*text);
    first = std::max(first, row.what.size());
    second = std::max(second, row.a.size());
  }
  std::string text;
  if (rows.size() > 1) {
    for (const Difference& row : rows) {
      text += format("{:<{}}  {:<{}}  {}\n", row.what, first, row.a, second, row.b);
    }
  }
  return text + verdict(differences) + "\n";
}

Json to_json(const Differences& differences) {
  const auto list = [](const std::vector<Difference>& rows) {
    Json json = Json::array();
    for (const Difference& row : rows) json.push_back({{"what", row.what}, {"a", row.a}, {"b", row.b}});
    return json;
  };
  Json json{
      {"differ", differences.any()}, {"causes", list(differences.causes)}, {"results", list(differences.results)}};
  json["changes_no_result"] = list(differences.harmless);
  json["same_steps"] = differences.same_steps;
  json["loss"] = differences.loss ? list({*differences.loss})[0] : Json();
  return json;
}

}  // namespace springbok::study
