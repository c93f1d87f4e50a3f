// Telling what a run does.
#include "springbok/train/recorder.h"

#include <cstdio>

#include "springbok/base/file.h"
#include "springbok/base/json.h"
#include "springbok/run/record.h"

namespace springbok::train {

void Recorder::begin(const recipe::Recipe& recipe, const metrics::Task& task, const data::Source& training,
                     const data::Source& validation) {
  goal_ = metrics::goal_of(task);
  record_ = run::make_record(recipe::to_json(recipe), task, training, validation);
  if (settings_.own.graph != nullptr) record_["own_network"] = true;
  write_record();
}

void Recorder::write_record() const {
  write_file(folder_.run_json(), json_text(record_, 1) + "\n");
}

void Recorder::start_log() {
  log_.emplace(folder_.log());
}

void Recorder::go_on(std::int64_t step, std::int64_t epoch) {
  log_.emplace(folder_.log(), step, epoch);
}

void Recorder::say(const std::string& line) const {
  if (settings_.say) return settings_.say(line);
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

std::string Recorder::step(const run::StepLine& line) {
  log_->write(line);
  return settings_.on_step ? settings_.on_step(line) : "";
}

void Recorder::say_epoch(const run::EpochLine& line, const std::string& title) const {
  say(run::epoch_text(line, goal_, title));
}

std::string Recorder::epoch(const run::EpochLine& line) {
  log_->write(line);
  return settings_.on_epoch ? settings_.on_epoch(line) : "";
}

void Recorder::finish(const metrics::Score& best) {
  record_["finished"] = true;
  record_["best"] = metrics::to_json(best);
  write_record();
}

}  // namespace springbok::train
