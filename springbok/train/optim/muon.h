// Muon: momentum whose matrices are made orthogonal.
#pragma once

#include <memory>

#include "springbok/recipe/optimizer_settings.h"
#include "springbok/train/optim/optimizer.h"

namespace springbok::train {

/// The nearest orthogonal matrix, about: singular values become 0.7 to 1.2 (Jordan et al. 2024; torch.optim.Muon). The
/// polynomial a x + b x^3 + c x^5 with a = 3.4445, b = -4.775, c = 2.0315, `steps` times, of the matrix divided by its
/// norm. Computed in the matrix's own type, where PyTorch takes bfloat16.
at::Tensor orthogonal(const at::Tensor& matrix, std::int64_t steps);

/// Groups of matrices (`ParamGroup::matrices`): a filter (out, in, kh, kw) is the matrix (out, in kh kw). With m the
/// moving average of the gradient g:
///
///     m <- momentum m + (1 - momentum) g;   u = (1 - momentum) g + momentum m
///     p <- p - lr wd p;   p <- p - lr scale orthogonal(u)
///
/// Other groups move by AdamW, or by SGD with Nesterov's momentum and decay in the gradient (rules.h, sgd.h).
std::unique_ptr<Optimizer> make_muon(std::vector<ParamGroup> groups, std::vector<GradientStep> steps,
                                     const recipe::OptimizerSettings& settings);

}  // namespace springbok::train
