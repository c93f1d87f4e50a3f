// Which optimizer moves the weights, and its numbers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace springbok::recipe {

enum class OptimizerKind : std::uint8_t { sgd, adam, adamw, rmsprop, rmsprop_tf, lamb, lion };
/// Their names, in the order above.
const std::vector<std::string>& optimizer_kinds();

/// Which gradients lose their mean (`centralise` in train/optim/gradient_step.h).
enum class Centralise : std::uint8_t { none, conv, all };
const std::vector<std::string>& centralise_names();

/// The formulas of the others stand in train/optim/rules.h. SGD is, with g the gradient of p, and at a parameter's
/// first update v = g:
///
///     g <- g + weight_decay p;   v <- momentum v + g;   p <- p - lr (nesterov ? g + momentum v : v)
struct OptimizerSettings {
  OptimizerKind kind = OptimizerKind::sgd;
  double momentum = 0.9;  ///< of SGD and RMSprop
  bool nesterov = false;
  double weight_decay = 1e-4;
  bool norm_decay = true;  ///< false: norm weights and biases (`Param::decay` is false) take no weight decay
  double beta1 = 0.9;      ///< of Adam, LAMB and Lion
  double beta2 = 0, eps = 0, alpha = 0;  ///< 0: the optimizer's own, see `with_defaults`
  Centralise centralise = Centralise::none;
};

/// What is left at 0 as the optimizer's source has it: beta2 0.999 (Lion 0.99), eps 1e-8 (LAMB 1e-6, rmsprop_tf 1e-10),
/// alpha 0.99 (rmsprop_tf 0.9).
OptimizerSettings with_defaults(OptimizerSettings settings);

}  // namespace springbok::recipe
