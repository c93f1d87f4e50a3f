// A run folder, read: what was trained, how, on what, and what came out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "springbok/metrics/goal.h"
#include "springbok/run/line.h"

namespace springbok::study {

/// Everything a comparison needs. Accuracies are percentages; costs are of one image at the recipe's size.
struct RunSummary {  // NOLINT(bugprone-exception-escape): moving nlohmann's objects throws nothing
  std::filesystem::path folder;
  std::string name;  ///< in tables: the folder's own name, see `name_runs`
  std::string model;
  std::int64_t size = 0, channels = 0, classes = 0;
  std::int64_t params = 0, macs = 0;    ///< 0 where the network is not the zoo's
  nlohmann::ordered_json recipe;        ///< resolved, key -> value
  nlohmann::ordered_json record;        ///< all of run.json
  std::string data, machine, versions;  ///< one line each, for people
  std::int64_t epochs_asked = 0;
  bool finished = false;
  metrics::Task task;
  metrics::Goal goal;
  run::Lines log;

  /// The best epoch by the run's goal, the earlier of equals; nullptr before the first one ended.
  const run::EpochLine* best() const { return log.best(goal); }
  std::int64_t epochs() const { return static_cast<std::int64_t>(log.epochs.size()); }
  double data_seconds() const;
  double compute_seconds() const;
  double eval_seconds() const;
  /// Steps and evaluations; what the run's process spent on its files is not in it.
  double seconds() const { return data_seconds() + compute_seconds() + eval_seconds(); }
  /// Of the training steps; 0 before the first one.
  double images_per_second() const;
};

/// Reads a run folder. Throws Error saying what is missing or damaged, and where.
RunSummary read_run(const std::filesystem::path& folder);

/// Reads all of them, in the order given, and gives them names that differ. Throws as `read_run`, and when a folder is
/// given twice.
std::vector<RunSummary> read_runs(const std::vector<std::filesystem::path>& folders);

}  // namespace springbok::study
