// Loss scaling, so that small gradients survive in 16 bits.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "springbok/recipe/loss_scale.h"
#include "springbok/tensors/value.h"

namespace springbok::train {

/// torch.amp.GradScaler's rule, in float32 as there. The loss is multiplied by `scale`, and gradients by its inverse. A
/// step whose gradients are not finite is left out and multiplies the scale by `backoff`. After `interval` good ones in
/// a row it is multiplied by `growth`, unless that overflows.
class LossScaler {
 public:
  explicit LossScaler(const recipe::LossScaleSettings& settings = {})
      : settings_(settings), scale_(to_float(settings)) {}

  double scale() const { return scale_; }
  /// Divides the gradients by the scale in place, unless it is kept; whether all are finite then.
  bool unscale(const std::vector<at::Tensor>& gradients) const;
  /// Ends a step; returns whether it is to be made.
  bool update(bool gradients_finite);
  /// Steps left out so far, those of before a resumption too.
  std::int64_t skipped() const { return skipped_; }
  /// Whether it has backed off so far that no overflow explains it: the gradients are not finite at any scale.
  bool exhausted() const;

  /// GradScaler.state_dict() and one entry more, `skipped`; and back. Throws Error naming `where`.
  tensors::Dict save() const;
  void load(const tensors::Dict& dict, const std::string& where);

 private:
  static float to_float(const recipe::LossScaleSettings& settings) { return static_cast<float>(settings.init); }

  recipe::LossScaleSettings settings_;
  float scale_;
  std::int64_t good_steps_ = 0, skipped_ = 0;
};

}  // namespace springbok::train
