// What is counted while samples pass: sums of which a task's metrics are made. Parts may be added in any split.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <variant>

#include "springbok/metrics/class_tally.h"
#include "springbok/metrics/goal.h"
#include "springbok/metrics/task.h"

namespace springbok::metrics {

/// Of images with any number of labels. What precision and recall need comes with that task.
struct LabelTally {
  std::int64_t samples = 0;
  double loss = 0;  ///< summed, not averaged
  LabelTally& operator+=(const LabelTally& other);
  bool operator==(const LabelTally&) const = default;
};

/// Of images whose pixels are classified. What IoU needs comes with that task.
struct PixelTally {
  std::int64_t samples = 0;
  double loss = 0;  ///< summed, not averaged
  PixelTally& operator+=(const PixelTally& other);
  bool operator==(const PixelTally&) const = default;
};

using Tally = std::variant<ClassTally, LabelTally, PixelTally>;

/// A task's tally of nothing.
Tally empty_tally(const Task& task);

/// Throws Error for the tally of another task.
Tally& operator+=(Tally& tally, const Tally& other);

std::int64_t samples_of(const Tally& tally);
double loss_of(const Tally& tally);  ///< summed

/// Classification: `loss`, `top1`, `top5`. Of nothing all are 0.
Metrics metrics_of(const Tally& tally);

/// As checkpoints store it, `{"samples": ..., "top1": ..., ...}`, and back. Throws Error naming `where`.
nlohmann::ordered_json to_json(const Tally& tally);
Tally tally_from_json(const nlohmann::ordered_json& json, const Task& task, const std::string& where);

}  // namespace springbok::metrics
