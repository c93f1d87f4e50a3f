// What a run tells: its record, its log, the terminal, and the caller who listens.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "springbok/data/source/source.h"
#include "springbok/metrics/goal.h"
#include "springbok/run/folder.h"
#include "springbok/run/log.h"
#include "springbok/train/loop.h"

namespace springbok::train {

class Recorder {
 public:
  /// The settings must outlive it.
  Recorder(run::Folder folder, const TrainSettings& settings) : folder_(std::move(folder)), settings_(settings) {}

  /// Writes run.json as it is before the run.
  void begin(const recipe::Recipe& recipe, const metrics::Task& task, const data::Source& training,
             const data::Source& validation);
  /// Starts the log, or goes on with it after that place.
  void start_log();
  void go_on(std::int64_t step, std::int64_t epoch);

  /// A line on the terminal.
  void say(const std::string& line) const;
  /// Writes the line, and asks the caller: why to stop, or "".
  std::string step(const run::StepLine& line);
  std::string epoch(const run::EpochLine& line);
  /// An epoch in words, once it is saved.
  void say_epoch(const run::EpochLine& line, const std::string& title) const;
  /// Writes run.json as it is after the run.
  void finish(const metrics::Score& best);
  /// The folder is elsewhere now.
  void moved(const run::Folder& folder) { folder_ = folder; }

 private:
  void write_record() const;

  run::Folder folder_;
  const TrainSettings& settings_;
  metrics::Goal goal_;
  nlohmann::ordered_json record_;
  std::optional<run::Log> log_;
};

}  // namespace springbok::train
