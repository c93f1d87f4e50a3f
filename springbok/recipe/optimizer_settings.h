// Which optimizer moves the weights, and its numbers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace springbok::recipe {

enum class OptimizerKind : std::uint8_t { sgd, adam, adamw, rmsprop, rmsprop_tf, lamb, lion, muon };
/// Their names, in the order above.
const std::vector<std::string>& optimizer_kinds();

/// Which gradients lose their mean (`centralise` in train/optim/gradient_step.h).
enum class Centralise : std::uint8_t { none, conv, all, toolbox };
const std::vector<std::string>& centralise_names();

/// When slow and fast weights meet: after steps k, 2k, ... from the initial weights (Zhang et al. 2019, algorithm 1);
/// after 1, 1 + k, ... from the weights after step 1 (torch-toolbox); or after k, 2k, ... from those after step k
/// (timm).
enum class LookaheadForm : std::uint8_t { paper, toolbox, timm };
const std::vector<std::string>& lookahead_forms();
struct LookaheadSettings {
  std::int64_t k = 0;  ///< 0: no slow weights
  double alpha = 0.5;  ///< slow += alpha (fast - slow)
  LookaheadForm form = LookaheadForm::paper;
};

/// How Muon's step is scaled for a matrix of A rows and B columns: sqrt(max(1, A / B)) (Jordan et al. 2024), 0.2
/// sqrt(max(A, B)) (Liu et al. 2025), or not at all.
enum class MuonScale : std::uint8_t { original, match_rms_adamw, none };
const std::vector<std::string>& muon_scales();
/// Who moves what is no matrix under Muon.
enum class MuonRest : std::uint8_t { adamw, sgd };
const std::vector<std::string>& muon_rests();
struct MuonSettings {
  std::int64_t steps = 5;  ///< of Newton and Schulz
  MuonScale scale = MuonScale::original;
  bool linear = false;     ///< the weights of linear layers too
  bool unit_norm = false;  ///< before each step a matrix is scaled to the norm sqrt(A), as the CIFAR-10 record has it
  MuonRest rest = MuonRest::adamw;
  double rest_lr = 0;  ///< of the rest; 0: lr
};

/// The formulas of the others stand in train/optim/rules.h. SGD is, with g the gradient of p, and at a parameter's
/// first update v = g:
///
///     g <- g + weight_decay p;   v <- momentum v + (1 - dampening) g;   p <- p - lr (nesterov ? g + momentum v : v)
struct OptimizerSettings {
  OptimizerKind kind = OptimizerKind::sgd;
  double momentum = 0.9;  ///< of SGD, RMSprop and Muon
  double dampening = 0;
  bool nesterov = false;
  double weight_decay = 1e-4;
  bool norm_decay = true;  ///< false: norm weights and biases (`Param::decay` is false) take no weight decay
  double beta1 = 0.9;      ///< of Adam, LAMB and Lion
  double beta2 = 0, eps = 0, alpha = 0;  ///< 0: the optimizer's own, see `with_defaults`
  Centralise centralise = Centralise::none;
  LookaheadSettings lookahead = {};
  MuonSettings muon = {};
};

/// What is left at 0 as the optimizer's source has it: beta2 0.999 (Lion 0.99), eps 1e-8 (LAMB 1e-6, rmsprop_tf 1e-10),
/// alpha 0.99 (rmsprop_tf 0.9).
OptimizerSettings with_defaults(OptimizerSettings settings);

}  // namespace springbok::recipe
