// Loss scaling as a recipe says it: by which number, and how it moves.
#pragma once

#include <cstdint>
#include <string>

#include "springbok/base/precision.h"

namespace springbok::recipe {

/// Recipe keys `loss_scale`, `loss_scale_*`. Defaults are torch.amp.GradScaler's.
struct LossScaleSettings {
  std::string rule = "auto";  ///< `auto`, `none`, `dynamic`, or a number above 0
  double init = 65536;
  double growth = 2, backoff = 0.5;  ///< factors; growth 1 and backoff 1: the scale never moves
  std::int64_t interval = 2000;      ///< good steps before it grows
  bool kept = false;                 ///< of a number: gradients are not divided by it again, as in Elastic
};

enum class LossScaleKind : std::uint8_t { none, dynamic, fixed };

/// What a rule means: `auto` is dynamic with fp16 and none otherwise. Throws UsageError for another text.
LossScaleKind kind_of(const LossScaleSettings& settings, Precision precision);

/// The settings of a scaler; of a number, a scale that never moves.
LossScaleSettings scaler_settings(const LossScaleSettings& settings, Precision precision);

}  // namespace springbok::recipe
