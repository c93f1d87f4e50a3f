// Up the loss and back.
#include "springbok/train/climb.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/abs.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/stack.h>

#include <cmath>

namespace springbok::train {

Climb::Climb(const std::vector<ParamGroup>& groups, const recipe::SharpnessSettings& settings) {
  constexpr double kEps = 1e-12;
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> ways, lengths;
  for (const ParamGroup& group : groups) {
    for (const Slot& slot : group.slots) {
      const at::Tensor value = slot.value.detach(), gradient = slot.value.grad();
      if (!gradient.defined()) continue;
      values_.push_back(slot.value);
      ways.push_back(settings.adaptive ? at::mul(value, value).mul_(gradient) : gradient);
      lengths.push_back(settings.adaptive ? at::abs(value).mul_(gradient) : gradient);
    }
  }
  if (values_.empty()) return;
  const auto norm = at::linalg_vector_norm(at::stack(at::_foreach_norm(lengths)), 2).item<double>();
  if (!std::isfinite(norm)) return;
  for (std::size_t i = 0; i < values_.size(); ++i) {
    before_.push_back(values_[i].detach().clone());
    values_[i].detach().add_(ways[i], settings.rho / (norm + kEps));
    values_[i].mutable_grad().reset();
  }
  done_ = true;
}

void Climb::back() {
  const at::NoGradGuard no_grad;
  for (std::size_t i = 0; i < before_.size(); ++i) values_[i].detach().copy_(before_[i]);
}

}  // namespace springbok::train
