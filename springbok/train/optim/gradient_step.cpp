// Steps on gradients.
#include "springbok/train/optim/gradient_step.h"

#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/stack.h>

#include <numeric>

namespace springbok::train {

GradientStep clip_norm(double most) {
  return [most](const std::vector<ParamGroup>& groups) -> std::optional<double> {
    constexpr double kEps = 1e-6;
    const std::vector<at::Tensor> gradients = gradients_of(groups);
    if (gradients.empty()) return 0;
    const auto norm = at::linalg_vector_norm(at::stack(at::_foreach_norm(gradients)), 2).item<double>();
    const double scale = most / (norm + kEps);
    if (scale < 1) at::_foreach_mul_(gradients, scale);
    return norm;
  };
}

GradientStep centralise(std::int64_t least_dimensions) {
  return [least_dimensions](const std::vector<ParamGroup>& groups) -> std::optional<double> {
    for (at::Tensor& gradient : gradients_of(groups)) {
      if (gradient.dim() < least_dimensions) continue;
      std::vector<std::int64_t> dims(static_cast<std::size_t>(gradient.dim() - 1));
      std::iota(dims.begin(), dims.end(), std::int64_t{1});
      gradient.sub_(gradient.mean(dims, /*keepdim=*/true));
    }
    return std::nullopt;
  };
}

}  // namespace springbok::train
