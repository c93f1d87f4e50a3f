// The lines of log.jsonl: what each step and each epoch measured, written and read here alone.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "springbok/metrics/goal.h"

namespace springbok::run {

/// Where the time of some steps went.
struct Times {
  double data = 0, compute = 0;  ///< seconds: waiting for images, and the rest
  std::int64_t images = 0;

  double total() const { return data + compute; }
  double rate() const { return total() > 0 ? static_cast<double>(images) / total() : 0; }
  double data_percent() const { return total() > 0 ? 100 * data / total() : 0; }
  Times& operator+=(const Times& other);
};

/// What one of several ranks says at an epoch's end.
struct RankLine {
  double data = 0, compute = 0, wait = 0;  ///< seconds: for images, computing, waiting for other ranks
  metrics::Metrics val = {};               ///< of its own evaluation, where each rank makes one
};

/// One step of the optimizer.
struct StepLine {
  std::int64_t step = 0, epoch = 0;  ///< both from 1
  double loss = 0, lr = 0;           ///< mean training loss of the step; its learning rate
  double data_seconds = 0, compute_seconds = 0, images_per_second = 0;
  std::optional<double> gradient_norm = {};  ///< under clipping: before it
  std::optional<double> loss_scale = {};     ///< after the step, where the loss is scaled
  bool overflow = false;                     ///< gradients overflowed under it, so the weights did not move
  std::optional<double> wait_seconds = {};   ///< of computing, of several ranks: waiting for the others

  double seconds() const { return data_seconds + compute_seconds; }
  double images() const { return images_per_second * seconds(); }
};

/// One epoch and the evaluation after it.
struct EpochLine {
  std::int64_t epoch = 0, step = 0;  ///< from 1; the last step of the epoch
  metrics::Metrics train, val;
  bool best = false;  ///< of all epochs so far
  double data_seconds = 0, compute_seconds = 0, images_per_second = 0, eval_seconds = 0;
  std::optional<std::int64_t> skipped = {}, damaged = {};  ///< images left out; read although damaged (all so far)
  std::optional<std::int64_t> overflows = {};              ///< steps left out under a loss scale, all so far
  std::vector<RankLine> ranks = {};                        ///< of several, by rank
};

/// What happened to a run beside its steps.
struct EventLine {
  std::int64_t step = 0, epoch = 0;  ///< of the last step before it, the epoch that it lies in
  std::string what;                  ///< `skipped`, `rollback`, `early_stop`
  std::string text;                  ///< for people
};

using Line = std::variant<StepLine, EpochLine, EventLine>;

/// `{"kind": "step", ...}`, `"epoch"` or `"event"`; an epoch's metrics are `train_KEY` and `val_KEY`.
nlohmann::ordered_json to_json(const Line& line);

/// Throws Error naming `where`. A line of before has no kind: an epoch's has a `val_top1`.
Line line_from_json(const nlohmann::ordered_json& json, const std::string& where);

/// Whether an object is an epoch's line, of before too.
bool is_epoch(const nlohmann::ordered_json& json);

/// What ranks that evaluated each by itself found, over the ranks: the mean, and the largest less the smallest.
struct RankSpread {
  std::string key;
  double mean = 0, spread = 0;
};
std::vector<RankSpread> spreads_of(const std::vector<RankLine>& ranks);

/// `epoch 1/3: train loss 0.5 top1 80.00; val loss 0.4 top1 82.00 top5 99.00 (best); 512 img/s, data 3%`.
std::string epoch_text(const EpochLine& line, const metrics::Goal& goal, const std::string& title);

/// A whole log.
struct Lines {
  std::vector<StepLine> steps;
  std::vector<EpochLine> epochs;
  std::vector<EventLine> events;

  /// Steps in a whole epoch; all there are before the first one ended.
  std::int64_t steps_per_epoch() const;
  /// The best epoch, the earlier of equals; nullptr before the first one ended.
  const EpochLine* best(const metrics::Goal& goal) const;
};

/// Reads log.jsonl. Throws Error naming file and line for what is cut, damaged or out of order.
Lines read_lines(const std::filesystem::path& path);

}  // namespace springbok::run
