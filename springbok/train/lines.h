// What a run tells: the lines of log.jsonl and of the terminal.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "springbok/tasks/metrics.h"
#include "springbok/train/checkpoint.h"
#include "springbok/train/stepper.h"

namespace springbok::train {

/// Where the time of some steps went.
struct Times {
  double data = 0, compute = 0;
  std::int64_t images = 0;

  double total() const { return data + compute; }
  double rate() const { return total() > 0 ? static_cast<double>(images) / total() : 0; }
  double data_percent() const { return total() > 0 ? 100 * data / total() : 0; }
  Times& operator+=(const Times& other);
};

/// A step's line in the log; `position` is after it.
nlohmann::ordered_json step_line(const Position& position, const tasks::Sums& sums, const Stepper::Update& update,
                                 const Times& times, bool clipped);

/// How an epoch ended.
struct EpochEnd {
  std::int64_t epoch = 0, step = 0;
  tasks::Sums train, val;
  bool best = false;
  Times times;
  double eval_seconds = 0;
};
nlohmann::ordered_json epoch_line(const EpochEnd& end);
std::string epoch_text(const EpochEnd& end, const std::string& title);

/// As weights carry them.
Metrics metrics_of(const EpochEnd& end);

}  // namespace springbok::train
