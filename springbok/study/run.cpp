// Reading run.json and the log, and counting the model's cost.
#include "springbok/study/run.h"

#include <algorithm>
#include <set>

#include "springbok/base/fields.h"
#include "springbok/base/file.h"
#include "springbok/base/json.h"
#include "springbok/base/quote.h"
#include "springbok/graph/cost.h"
#include "springbok/zoo/zoo.h"

namespace springbok::study {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

Json read_record(const fs::path& folder) {
  const fs::path path = folder / "run.json";
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored))
    fail("{}: no such folder; give one that 'train --out' wrote", folder.string());
  if (!fs::exists(path, ignored)) {
    fail("{}: not a run folder (it has no run.json); give one that 'train --out' wrote", folder.string());
  }
  Json record = parse_json(read_text(path));
  if (!record.is_object()) fail("{}: not a JSON object; the file is damaged", path.string());
  return record;
}

/// The model's options: those among the recipe's keys that are the model's. An option that the recipe says nothing of
/// came later than the run, and is at its default.
zoo::ModelOptions model_options(const RunSummary& run, const std::string& where) {
  zoo::ModelOptions options{.classes = run.classes, .channels = run.channels};
  for (const Option& option : zoo::option_table(options)) {
    const auto at = run.recipe.find(option.key);
    if (at != run.recipe.end()) set_option(option, nlohmann::json(*at), where + ": " + option.key);
  }
  return options;
}

void count_cost(RunSummary& run, const std::string& where) {
  const graph::Cost cost = graph::cost(zoo::build(run.model, model_options(run, where)), run.size, run.size);
  run.params = cost.params;
  run.macs = cost.macs;
}

/// The folder's own name, of `runs/a/` and of `.` too.
std::string own_name(const fs::path& folder) {
  fs::path path = fs::absolute(folder).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();
  return printable(path.filename().string());
}

template <class Points, class Value>
double total(const Points& points, Value value) {
  double sum = 0;
  for (const auto& point : points) sum += value(point);
  return sum;
}

}  // namespace

double RunSummary::data_seconds() const {
  return total(log.steps, [](const run::StepLine& step) { return step.data_seconds; });
}

double RunSummary::compute_seconds() const {
  return total(log.steps, [](const run::StepLine& step) { return step.compute_seconds; });
}

double RunSummary::eval_seconds() const {
  return total(log.epochs, [](const run::EpochLine& epoch) { return epoch.eval_seconds; });
}

double RunSummary::images_per_second() const {
  const double seconds = data_seconds() + compute_seconds();
  return seconds > 0 ? total(log.steps, [](const run::StepLine& step) { return step.images(); }) / seconds : 0;
}

RunSummary read_run(const fs::path& folder) {
  const Json record = read_record(folder);
  const std::string where = (folder / "run.json").string(), in_recipe = where + ": recipe";
  RunSummary run;
  run.record = record;
  run.folder = folder;
  run.name = own_name(folder);
  const Json& data = field(record, "data", where);
  run.recipe = field(record, "recipe", where);
  run.model = read_field<std::string>(run.recipe, "model", in_recipe);
  run.size = read_count(run.recipe, "size", in_recipe, 1, 8192);
  run.channels = read_count(run.recipe, "channels", in_recipe, 1, 3);
  run.epochs_asked = read_count(run.recipe, "epochs", in_recipe, 0);
  run.classes =
      static_cast<std::int64_t>(read_field<std::vector<std::string>>(data, "classes", where + ": data").size());
  run.finished = read_field<bool>(record, "finished", where);
  run.data = read_field<std::string>(data, "description", where + ": data");
  const Json& machine = field(record, "machine", where);
  run.machine = format("{}, {} usable cores", read_field<std::string>(machine, "cpu", where + ": machine"),
                       read_count(machine, "usable_cores", where + ": machine", 0));
  run.versions = format("springbok {}, LibTorch {}", read_field<std::string>(record, "springbok", where),
                        read_field<std::string>(record, "libtorch", where));
  const bool says_task = record.contains("task");  // a record of before is a classification's
  run.task = metrics::task_named(says_task ? read_field<std::string>(record, "task", where) : "classify", where);
  run.goal = record.contains("goal") ? metrics::goal_from_json(field(record, "goal", where), where + ": goal")
                                     : metrics::goal_of(run.task);
  if (!record.value("own_network", false)) count_cost(run, in_recipe);
  run.log = run::read_lines(folder / "log.jsonl");
  return run;
}

std::vector<RunSummary> read_runs(const std::vector<fs::path>& folders) {
  std::vector<RunSummary> runs;
  std::set<std::string> names;
  std::set<fs::path> seen;
  for (const fs::path& folder : folders) {
    runs.push_back(read_run(folder));
    if (!seen.insert(fs::canonical(folder)).second) fail("{}: given twice; name each run once", folder.string());
    names.insert(runs.back().name);
  }
  if (names.size() < runs.size()) {
    for (RunSummary& run : runs) run.name = printable(run.folder.string());
  }
  return runs;
}

}  // namespace springbok::study
