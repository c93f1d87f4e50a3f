// How a run starts: anew, or going on from a checkpoint with what the new command may change.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "springbok/data/source/source.h"
#include "springbok/recipe/recipe.h"
#include "springbok/run/folder.h"
#include "springbok/run/lock.h"
#include "springbok/run/manifest.h"
#include "springbok/train/checkpoint.h"

namespace springbok::train {

/// What is settled before the first step.
struct Start {
  std::unique_ptr<run::Lock> lock;  ///< of the run folder; null where another rank holds it
  recipe::Recipe recipe;
  run::CheckpointFolder checkpoints;
  std::optional<Checkpoint> from;
  std::vector<std::string> notes;  ///< what was found in the folder
  /// Of a new run that goes on from another's checkpoint: the recipe of then. `from` stands where it stands in this
  /// run's steps.
  std::optional<recipe::Recipe> branched;
  nlohmann::ordered_json parent = nullptr;  ///< what it says of that one
  recipe::Network network = recipe::Network::zoo;
  recipe::Given given = {};  ///< the keys that this command set

  std::int64_t step() const { return from ? from->snapshot.position.step : 0; }
  std::int64_t rollbacks() const { return from ? from->snapshot.position.rollbacks : 0; }
};

/// Checks the recipe, makes and locks the run folder and finds the checkpoint that `resume` asks for (found.h). Throws
/// UsageError for what the recipe gets wrong. Throws Error when another run writes to the folder, when it holds a run
/// and nothing was asked, or the checkpoint cannot be used.
///
/// Of several ranks the first makes and locks it; the others come after it. Where there are others than the checkpoint
/// was of, threads and workers are those of this command.
struct AmongRanks {
  bool leads = true;
  int ranks = 1;
};
Start prepare(const recipe::Recipe& recipe, const recipe::Given& given, recipe::Network network, AmongRanks place = {});

/// Fills what depends on the data. Throws Error when they, or its place in the run, are not the checkpoint's, and for
/// validation images that could not be evaluated after the first epoch.
void settle(Start& start, const data::Source& training, const data::Source& validation);

/// The checkpoint's recipe with what the new command may change: in the run's own folder where and how it runs, of a
/// branch all but the network. Throws UsageError for another key given on purpose.
recipe::Recipe resumed_recipe(const recipe::Recipe& asked, const recipe::Given& given, const Checkpoint& checkpoint,
                              bool branches);

}  // namespace springbok::train
