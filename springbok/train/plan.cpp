// Choosing a checkpoint and merging its recipe with the new command's.
#include "springbok/train/plan.h"

#include <algorithm>

#include "springbok/base/error.h"
#include "springbok/base/json.h"
#include "springbok/base/quote.h"
#include "springbok/data/class_match.h"
#include "springbok/train/manifest.h"

namespace springbok::train {
namespace {

void check_same_classes(const Checkpoint& checkpoint, const std::vector<std::string>& now) {
  const std::vector<std::string>& then = checkpoint.snapshot.card.classes;
  if (then == now) return;
  const auto [a, b] = std::mismatch(then.begin(), then.end(), now.begin(), now.end());
  fail(
      "{}: was trained on other classes: {} then, {} now; the first that differs: '{}' then, '{}' now; start a new run",
      checkpoint.path.string(), then.size(), now.size(), a == then.end() ? "none" : *a, b == now.end() ? "none" : *b);
}

void check_same_data(const Checkpoint& checkpoint, const Recipe& recipe, const data::Source& source) {
  check_same_classes(checkpoint, output_names(recipe, source.classes()));
  const std::string& then = checkpoint.snapshot.data_digest;
  if (then == source.digest()) return;
  fail("{}: was trained on other images of the same classes (digest {} then, {} now); start a new run",
       checkpoint.path.string(), then, source.digest());
}

/// A program's own source may say anything; the run's files are text.
void check_names(const std::vector<std::string>& classes) {
  for (const std::string& name : classes) {
    if (printable(name) == name) continue;
    fail("class '{}' is not plain UTF-8 text; data::printable_names gives a source such names", shortened(name));
  }
}

}  // namespace

std::optional<Checkpoint> find_checkpoint(const std::string& resume, const RunFolder& folder) {
  namespace fs = std::filesystem;
  const CheckpointFolder checkpoints(folder.checkpoints());
  const std::optional<Listed> last = checkpoints.last();
  if (resume.empty() && last) {
    fail("{}: holds a run ({} epochs, {} steps); go on with --resume auto, or choose another --out",
         folder.root.string(), last->epoch, last->step);
  }
  if (resume.empty() || (resume == "auto" && !last)) return std::nullopt;
  if (resume == "auto") return read_checkpoint(checkpoints.path(*last));
  if (!fs::exists(resume)) fail("--resume: there is no file {}", resume);
  if (last && !fs::equivalent(resume, checkpoints.path(*last))) {
    fail("--resume: {} holds other, later checkpoints ({}); give a new --out to go on from {}", folder.root.string(),
         last->file, resume);
  }
  return read_checkpoint(resume);
}

Recipe resumed_recipe(const Recipe& asked, const Given& given, const Checkpoint& checkpoint) {
  Recipe recipe = recipe_from_json(checkpoint.snapshot.recipe, checkpoint.path.string());
  Recipe wanted = asked;
  const Options from = option_table(wanted), to = option_table(recipe);
  for (const Option& option : from) {
    const bool is_given = given.contains(option.key);
    const bool per_command = option.key == "out" || option.key == "resume" || option.key == "workers";
    if (!is_given && !per_command) continue;
    const nlohmann::json value = option_value(option);
    const nlohmann::json before = option_value(*find_option(to, option.key));
    if (is_run_key(option.key)) {
      set_option(*find_option(to, option.key), value, flag_name(option.key));
    } else if (value != before) {
      fail_usage("{}: a resumed run keeps its recipe; the checkpoint has {}, this command {}", given.at(option.key),
                 json_text(before), json_text(value));
    }
  }
  return recipe;
}

Plan make_plan(const Recipe& recipe, const Given& given) {
  if (recipe.out.empty()) fail_usage("training needs a run folder: give --out RUN");
  const RunFolder folder{recipe.out};
  Plan plan{.recipe = recipe, .from = find_checkpoint(recipe.resume, folder)};
  if (plan.from) plan.recipe = resumed_recipe(recipe, given, *plan.from);
  check_recipe(plan.recipe, given);
  open_folder(folder);
  return plan;
}

void settle(Plan& plan, const data::Source& training, const data::Source& validation) {
  check_names(training.classes());
  if (plan.from) check_same_data(*plan.from, plan.recipe, training);
  resolve(plan.recipe, training);
  if (validation.size() == 0) fail("{}: no validation images ({})", plan.recipe.data, validation.description());
  data::match_classes(validation, training.classes());
}

}  // namespace springbok::train
