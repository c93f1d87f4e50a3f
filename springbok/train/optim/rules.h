// All optimizers by name; the rules of Adam, AdamW, RMSprop in PyTorch's and TensorFlow's form, LAMB, Lion.
#pragma once

#include <memory>

#include "springbok/recipe/optimizer_settings.h"
#include "springbok/train/optim/optimizer.h"

namespace springbok::train {

using recipe::OptimizerSettings;

/// The rule that the settings name, over these groups. g is the gradient of p, wd its weight decay. m and v are moving
/// averages of g and g^2 by beta1 and beta2, m' and v' those divided by 1 - beta^t. Then:
///
///     adam        g <- g + wd p;   p <- p - lr m' / (sqrt(v') + eps)
///     adamw       p <- p - lr wd p;   p <- p - lr m' / (sqrt(v') + eps)
///     rmsprop     g <- g + wd p;   b <- momentum b + g / (sqrt(v) + eps);   p <- p - lr b
///     rmsprop_tf  g <- g + wd p;   b <- momentum b + lr g / sqrt(v + eps);   p <- p - b
///     lamb        u = m' / (sqrt(v') + eps) + wd p;   p <- p - lr |p| / |u| u
///     lion        p <- p - lr wd p;   p <- p - lr sign(beta1 m + (1 - beta1) g);   m by beta2
///
/// Sources: torch.optim's Adam (Kingma and Ba 2015), AdamW (Loshchilov and Hutter 2019) and RMSprop. timm's RMSpropTF,
/// whose v begins as 1, Lamb (You et al. 2020) without its own clipping, and Lion (Chen et al. 2023). RMSprop's average
/// takes alpha. LAMB's factor |p| / |u| is 1 without decay, and where either is 0. SGD and Muon: sgd.h, muon.h.
std::unique_ptr<Optimizer> make_optimizer(std::vector<ParamGroup> groups, std::vector<GradientStep> steps,
                                          const OptimizerSettings& settings);

}  // namespace springbok::train
