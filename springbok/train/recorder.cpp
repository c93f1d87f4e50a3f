// Telling what a run does.
#include "springbok/train/recorder.h"

#include <cstdio>

#include "springbok/base/file.h"
#include "springbok/base/json.h"
#include "springbok/run/record.h"

namespace springbok::train {

void Recorder::begin(const recipe::Recipe& recipe, const metrics::Task& task, const data::Source& training,
                     const data::Source& validation, const nlohmann::ordered_json& parent) {
  goal_ = metrics::goal_of(task);
  tensorboard_ = recipe.tensorboard && rank_ == 0;
  record_ = run::make_record(recipe::to_json(recipe), task, training, validation);
  if (settings_.own.graph != nullptr) record_["own_network"] = true;
  if (!parent.is_null()) record_["parent"] = parent;
  write_record();
}

void Recorder::write_record() const {
  if (rank_ > 0) return;
  write_file(folder_.run_json(), json_text(record_, 1) + "\n");
}

void Recorder::start_log() {
  log_.emplace(folder_.log(rank_));
  if (tensorboard_) events_.emplace(folder_.tensorboard(), 0);
}

/// Event files that begin in the middle of a run are given what came before.
void Recorder::go_on(std::int64_t step, std::int64_t epoch) {
  log_.emplace(folder_.log(rank_), step, epoch);
  if (!tensorboard_) return;
  const bool first = !run::is_there(folder_.tensorboard());
  events_.emplace(folder_.tensorboard(), first ? 0 : step);
  if (!first) return;
  const run::Lines before = run::read_lines(folder_.log());
  for (const run::StepLine& line : before.steps) events_->write(line);
  for (const run::EpochLine& line : before.epochs) events_->write(line);
}

void Recorder::write(const run::Line& line) {
  log_->write(line);
  if (events_) events_->write(line);
}

void Recorder::say(const std::string& line) const {
  if (rank_ > 0) return;
  if (settings_.say) return settings_.say(line);
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

std::string Recorder::step(const run::StepLine& line) {
  write(line);
  return settings_.on_step ? settings_.on_step(line) : "";
}

void Recorder::say_epoch(const run::EpochLine& line, const std::string& title) const {
  say(run::epoch_text(line, goal_, title));
}

std::string Recorder::epoch(const run::EpochLine& line) {
  write(line);
  return settings_.on_epoch ? settings_.on_epoch(line) : "";
}

void Recorder::event(const run::EventLine& line) {
  write(line);
}

void Recorder::finish(const metrics::Score& best, const nlohmann::ordered_json& more) {
  record_["finished"] = true;
  record_["best"] = metrics::to_json(best);
  record_.update(more);
  write_record();
}

}  // namespace springbok::train
