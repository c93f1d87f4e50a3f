// What is counted while samples pass: sums of which a task's metrics are made. Parts may be added in any split.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <variant>

#include "springbok/metrics/class_tally.h"
#include "springbok/metrics/goal.h"
#include "springbok/metrics/label_tally.h"
#include "springbok/metrics/pixel_tally.h"
#include "springbok/metrics/task.h"

namespace springbok::metrics {

using Tally = std::variant<ClassTally, LabelTally, PixelTally>;

/// A task's tally of nothing.
Tally empty_tally(const Task& task);

/// Throws Error for the tally of another task.
Tally& operator+=(Tally& tally, const Tally& other);

std::int64_t samples_of(const Tally& tally);
double loss_of(const Tally& tally);  ///< summed

/// In percent but for the loss; of nothing all are 0. Classification: `loss`, `top1`, `top5`. Labels: `loss`, `mAP`
/// where scores are kept, `P_C`, `R_C`, `F_C`, `P_O`, `R_O`, `F_O`. Pixels: `loss`, `mIoU`, `pixel_acc`, `mean_acc`,
/// `fw_IoU`. Means over classes are the default ones of label_metrics.h and pixel_tally.h.
Metrics metrics_of(const Tally& tally);

/// As checkpoints store it, `{"samples": ..., "top1": ..., ...}`, and back. Throws Error naming `where`.
nlohmann::ordered_json to_json(const Tally& tally);
Tally tally_from_json(const nlohmann::ordered_json& json, const Task& task, const std::string& where);

}  // namespace springbok::metrics
