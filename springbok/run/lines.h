// What a run tells: the lines of log.jsonl and of the terminal.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "springbok/metrics/sums.h"
#include "springbok/run/position.h"

namespace springbok::run {

/// Where the time of some steps went.
struct Times {
  double data = 0, compute = 0;
  std::int64_t images = 0;

  double total() const { return data + compute; }
  double rate() const { return total() > 0 ? static_cast<double>(images) / total() : 0; }
  double data_percent() const { return total() > 0 ? 100 * data / total() : 0; }
  Times& operator+=(const Times& other);
};

/// How a step ended.
struct StepEnd {
  Position position;  ///< after it
  metrics::Sums sums;
  double lr = 0;
  std::optional<double> gradient_norm;  ///< under clipping: before it
  Times times;
};
nlohmann::ordered_json step_line(const StepEnd& end);

/// How an epoch ended.
struct EpochEnd {
  std::int64_t epoch = 0, step = 0;
  metrics::Sums train, val;
  bool best = false;
  Times times;
  double eval_seconds = 0;
};
nlohmann::ordered_json epoch_line(const EpochEnd& end);
std::string epoch_text(const EpochEnd& end, const std::string& title);

}  // namespace springbok::run
