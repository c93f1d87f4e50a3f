// Optimizers beside SGD: Adam, AdamW, RMSprop in PyTorch's and TensorFlow's form, LAMB, Lion.
#pragma once

#include <memory>

#include "springbok/recipe/optimizer_settings.h"
#include "springbok/train/optim/optimizer.h"

namespace springbok::train {

using recipe::OptimizerSettings;

/// The rule that the settings name, over these groups. With g the gradient, m and v moving averages of g and g^2 by
/// beta1 and beta2, m' and v' those divided by 1 - beta^t:
///
/// | kind       | source                                         | update | | ---------- |
/// ---------------------------------------------- | ---------------------------------------------------- | | adam |
/// Kingma and Ba 2015, as torch.optim.Adam        | g += wd p;  p -= lr m' / (sqrt(v') + eps)            | | adamw |
/// Loshchilov and Hutter 2019, torch.optim.AdamW  | p -= lr wd p;  p -= lr m' / (sqrt(v') + eps)         | | rmsprop |
/// torch.optim.RMSprop                            | b = momentum b + g / (sqrt(v) + eps);  p -= lr b     | | rmsprop_tf
/// | timm's RMSpropTF: v begins as 1                | b = momentum b + lr g / sqrt(v + eps);  p -= b       | | lamb |
/// You et al. 2020, as timm's Lamb                | u = m' / (sqrt(v') + eps) + wd p;  p -= lr |p|/|u| u | | lion |
/// Chen et al. 2023, as timm's Lion               | p -= lr wd p;  p -= lr sign(beta1 m + (1-beta1) g)   |
///
/// Both forms of RMSprop add wd p to g; their moving average takes alpha. LAMB's factor |p|/|u| is 1 without decay, and
/// where either is 0. Throws Error for `sgd`, which is a class of its own.
std::unique_ptr<Optimizer> make_optimizer(std::vector<ParamGroup> groups, std::vector<GradientStep> steps,
                                          const OptimizerSettings& settings);

}  // namespace springbok::train
