// The optimizer's settings, as a recipe holds them and train/optim/sgd.h takes them.
#pragma once

namespace springbok::recipe {

/// With g the gradient of p, and at a parameter's first update v = g:
///
///     g <- g + weight_decay p;   v <- momentum v + g;   p <- p - lr (nesterov ? g + momentum v : v)
struct SgdSettings {
  double momentum = 0.9;
  bool nesterov = false;
  double weight_decay = 1e-4;
  bool norm_decay = true;  ///< false: norm weights and biases (`Param::decay` is false) take no weight decay
};

}  // namespace springbok::recipe
