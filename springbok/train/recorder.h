// What a run tells: its record, its log, the terminal, and the caller who listens.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "springbok/data/source/source.h"
#include "springbok/metrics/goal.h"
#include "springbok/run/event_file.h"
#include "springbok/run/folder.h"
#include "springbok/run/log.h"
#include "springbok/train/loop.h"

namespace springbok::train {

class Recorder {
 public:
  /// The settings must outlive it. Ranks but the first one keep a log of their own, `log.rank1.jsonl`, and say nothing.
  Recorder(run::Folder folder, const TrainSettings& settings, int rank = 0)
      : folder_(std::move(folder)), settings_(settings), rank_(rank) {}

  /// Writes run.json as it is before the run; `parent` is null but for a branch (branch.h).
  void begin(const recipe::Recipe& recipe, const metrics::Task& task, const data::Source& training,
             const data::Source& validation, const nlohmann::ordered_json& parent);
  /// Starts the log, or goes on with it after that place.
  void start_log();
  void go_on(std::int64_t step, std::int64_t epoch);

  /// A line on the terminal.
  void say(const std::string& line) const;
  /// Writes the line, and asks the caller: why to stop, or "".
  std::string step(const run::StepLine& line);
  std::string epoch(const run::EpochLine& line);
  void event(const run::EventLine& line);
  /// An epoch in words.
  void say_epoch(const run::EpochLine& line, const std::string& title) const;
  /// Writes run.json as it is after the run, with what else there is to say.
  void finish(const metrics::Score& best, const nlohmann::ordered_json& more);
  /// The folder is elsewhere now.
  void moved(const run::Folder& folder) { folder_ = folder; }

 private:
  void write_record() const;
  void write(const run::Line& line);

  run::Folder folder_;
  const TrainSettings& settings_;
  int rank_;
  metrics::Goal goal_;
  nlohmann::ordered_json record_;
  std::optional<run::Log> log_;
  bool tensorboard_ = false;
  std::optional<run::EventFile> events_;
};

}  // namespace springbok::train
