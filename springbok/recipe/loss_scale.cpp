// Rules of loss scaling by name.
#include "springbok/recipe/loss_scale.h"

#include <charconv>
#include <cmath>

#include "springbok/base/error.h"
#include "springbok/base/quote.h"

namespace springbok::recipe {
namespace {

/// A number that float32 holds, above 0.
double number_of(const std::string& rule) {
  constexpr double kMost = 1e38;
  double value = 0;
  const auto [end, error] = std::from_chars(rule.data(), rule.data() + rule.size(), value);
  const bool whole = error == std::errc() && end == rule.data() + rule.size();
  if (whole && value > 0 && value <= kMost) return value;
  fail_usage("--loss-scale: '{}' is not one of auto, none, dynamic, or a number above 0", shortened(rule));
}

}  // namespace

LossScaleKind kind_of(const LossScaleSettings& settings, Precision precision) {
  if (settings.rule == "auto") return precision == Precision::fp16 ? LossScaleKind::dynamic : LossScaleKind::none;
  if (settings.rule == "none") return LossScaleKind::none;
  if (settings.rule == "dynamic") return LossScaleKind::dynamic;
  number_of(settings.rule);
  return LossScaleKind::fixed;
}

LossScaleSettings scaler_settings(const LossScaleSettings& settings, Precision precision) {
  if (kind_of(settings, precision) != LossScaleKind::fixed) return settings;
  return {.rule = settings.rule,
          .init = number_of(settings.rule),
          .growth = 1,
          .backoff = 1,
          .interval = settings.interval,
          .kept = settings.kept};
}

}  // namespace springbok::recipe
