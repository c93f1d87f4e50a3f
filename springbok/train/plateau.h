// The learning rate goes down where the goal stays as it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "springbok/recipe/learn_settings.h"
#include "springbok/tensors/value.h"

namespace springbok::train {

/// torch.optim.lr_scheduler.ReduceLROnPlateau with a relative threshold, once an epoch.
class Plateau {
 public:
  /// `higher`: whether larger values of the goal are better.
  Plateau(const recipe::PlateauSettings& settings, bool higher) : settings_(settings), higher_(higher) {}

  /// The rate in place of the schedule's.
  double rate(double scheduled) const;
  /// After an evaluation; `scheduled` is the schedule's rate.
  void step(double goal, double scheduled);

  /// What it goes on with, and back. Throws Error naming `where`.
  tensors::Dict save() const;
  void load(const tensors::Dict& dict, const std::string& where);

 private:
  bool is_better(double goal) const;

  recipe::PlateauSettings settings_;
  bool higher_;
  double scale_ = 1;  ///< of the scheduled rate
  std::optional<double> best_;
  std::int64_t bad_epochs_ = 0, cooldown_ = 0;
};

}  // namespace springbok::train
