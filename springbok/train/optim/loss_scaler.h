// Loss scaling, so that small gradients survive in 16 bits.
#pragma once

#include <cstdint>
#include <string>

#include "springbok/tensors/value.h"

namespace springbok::train {

/// torch.amp.GradScaler's rule: the loss is multiplied by `scale` and gradients divided by it. A step whose gradients
/// are not finite is left out and halves the scale; after `growth_interval` good ones it doubles.
class LossScaler {
 public:
  double scale() const { return scale_; }
  /// Ends a step; returns whether it is to be made.
  bool update(bool gradients_finite);

  /// GradScaler.state_dict(), and back. Throws Error naming `where`.
  tensors::Dict save() const;
  void load(const tensors::Dict& dict, const std::string& where);

 private:
  double scale_ = 65536;
  double growth_factor_ = 2, backoff_factor_ = 0.5;
  std::int64_t growth_interval_ = 2000;
  std::int64_t good_steps_ = 0;
};

}  // namespace springbok::train
