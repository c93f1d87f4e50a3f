// Steps on gradients.
#include "springbok/train/optim/gradient_step.h"

#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/where.h>

#include <algorithm>
#include <numeric>

namespace springbok::train {
namespace {

/// All dimensions but the first.
std::vector<std::int64_t> behind_first(const at::Tensor& tensor) {
  std::vector<std::int64_t> dims(static_cast<std::size_t>(tensor.dim() - 1));
  std::iota(dims.begin(), dims.end(), std::int64_t{1});
  return dims;
}

at::Tensor unit_norms(const at::Tensor& tensor) {
  if (tensor.dim() <= 1) return at::linalg_vector_norm(tensor, 2);
  return at::linalg_vector_norm(tensor, 2, behind_first(tensor), /*keepdim=*/true);
}

}  // namespace

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

GradientStep clip_value(double most) {
  return [most](const std::vector<ParamGroup>& groups) -> std::optional<double> {
    for (at::Tensor& gradient : gradients_of(groups)) gradient.clamp_(-most, most);
    return std::nullopt;
  };
}

GradientStep clip_adaptively(double ratio, std::vector<std::string> but) {
  return [ratio, but = std::move(but)](const std::vector<ParamGroup>& groups) -> std::optional<double> {
    constexpr double kLeastWeight = 1e-3, kLeastGradient = 1e-6;
    for (const ParamGroup& group : groups) {
      for (const Slot& slot : group.slots) {
        if (!slot.value.grad().defined() || std::find(but.begin(), but.end(), slot.name) != but.end()) continue;
        at::Tensor gradient = slot.value.grad();
        const at::Tensor most = unit_norms(slot.value.detach()).clamp_min_(kLeastWeight).mul_(ratio);
        const at::Tensor norms = unit_norms(gradient);
        gradient.mul_(at::where(norms.lt(most), at::ones_like(norms), most.div(norms.clamp_min(kLeastGradient))));
      }
    }
    return std::nullopt;
  };
}

GradientStep centralise(std::int64_t least_dimensions) {
  return [least_dimensions](const std::vector<ParamGroup>& groups) -> std::optional<double> {
    for (at::Tensor& gradient : gradients_of(groups)) {
      if (gradient.dim() < least_dimensions) continue;
      gradient.sub_(gradient.mean(behind_first(gradient), /*keepdim=*/true));
    }
    return std::nullopt;
  };
}

GradientStep centralise_decayed(std::int64_t least_dimensions) {
  return [least_dimensions](const std::vector<ParamGroup>& groups) -> std::optional<double> {
    for (const ParamGroup& group : groups) {
      for (const Slot& slot : group.slots) {
        at::Tensor gradient = slot.value.grad();
        if (!gradient.defined() || gradient.dim() < least_dimensions) continue;
        const at::Tensor whole = gradient.add(slot.value.detach(), group.weight_decay);
        gradient.sub_(whole.mean(behind_first(gradient), /*keepdim=*/true));
      }
    }
    return std::nullopt;
  };
}

}  // namespace springbok::train
