// `springbok train`: a recipe and flags, run.
#include <cstdio>
#include <memory>

#include "springbok/cli/outputs.h"
#include "springbok/cli/rank_flags.h"
#include "springbok/cli/recipe_flags.h"
#include "springbok/cli/signals.h"
#include "springbok/train/loop.h"
#include "springbok/train/together.h"

namespace springbok::cli {
namespace {

constexpr int kUsage = 2;
constexpr int kSignalled = 128;  ///< and the signal's number: the exit code of a run that a signal stopped

struct Asked {
  recipe::Recipe recipe;
  std::string recipe_file;
  bool quiet = false;
  AskedRanks ranks;
};

/// What is not part of a recipe.
Options own_options(Asked& asked) {
  Options options{
      {.key = "recipe",
       .help =
           "recipe that 'springbok recipes list' names, or a TOML file with any of the keys below; flags win over it",
       .field = &asked.recipe_file},
      {.key = "quiet", .help = "no progress", .field = &asked.quiet}};
  const Options ranks = rank_options(asked.ranks);
  options.insert(options.end(), ranks.begin(), ranks.end());
  return options;
}

int run(Asked& asked, const Flags& flags) {
  const recipe::Given given = read_recipe_flags(flags, own_options(asked), asked.recipe_file, asked.recipe).given;
  const recipe::Recipe& recipe = asked.recipe;
  check_output_folder({"--out", recipe.out}, {{"--data", recipe.data}});
  std::vector<NamedPath> files;
  for (const char* name : {"run.json", "log.jsonl", "predictions.json", "weights.safetensors"}) {
    if (!recipe.out.empty()) files.push_back({"--out", recipe.out + "/" + name});
  }
  check_outputs(files, {{"--recipe", asked.recipe_file}, {"--init", recipe.init}});
  if (const auto ended = run_as_ranks(asked.ranks)) return *ended;
  const std::unique_ptr<engine::Group> group = join_ranks(asked.ranks, asked.recipe);
  StopSignal signal;
  const auto stop = [&] { return signal.received() == 0 ? std::string() : signal_name(signal.received()); };
  train::TrainSettings settings{.quiet = asked.quiet, .stop = stop, .save = [&] { return signal.takes_save(); }};
  settings.group = group.get();
  train::Outcome outcome;
  try {
    outcome = train::train(asked.recipe, given, settings);
  } catch (const train::EndedElsewhere& error) {
    return error.usage ? kUsage : kEndedElsewhere;
  } catch (const engine::RankLost& error) {
    if (!error.told_elsewhere) throw;
    return kEndedElsewhere;
  }
  if (outcome.ending == train::Ending::finished && (!group || group->rank() == 0)) {
    for (const metrics::Metric& metric : outcome.best.metrics) {
      if (metric.key != "loss") std::printf("%s=%.2f ", metric.key.c_str(), metric.value);
    }
    std::printf("best_epoch=%lld train_seconds=%.1f\n", static_cast<long long>(outcome.best.epoch),
                outcome.train_seconds);
  }
  return outcome.ending == train::Ending::finished ? 0 : kSignalled + signal_number(outcome.stopped_by);
}

}  // namespace

Command train_command() {
  const auto asked = std::make_shared<Asked>();
  return recipe_command("train", "Train a model; every flag below --quiet is also a recipe key, and the reverse",
                        own_options(*asked), asked->recipe, [asked](const Flags& flags) { return run(*asked, flags); });
}

}  // namespace springbok::cli
