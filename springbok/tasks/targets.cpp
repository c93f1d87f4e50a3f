// Class indices as tensors and as distributions.
#include "springbok/tasks/targets.h"

#include <ATen/ops/add.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/rsub.h>
#include <ATen/ops/tensor.h>

#include "springbok/base/error.h"
#include "springbok/tasks/expect.h"

namespace springbok::tasks {
namespace {

at::Tensor on_device(const at::Tensor& logits, std::span<const std::int64_t> targets) {
  expect_targets(logits.size(0), targets, logits.size(1));
  return target_tensor(targets).to(logits.device());
}

void check_smoothing(double share) {
  const bool inside = share >= 0 && share <= 1;
  if (!inside) fail("label smoothing: must be between 0 and 1, got {}", share);
}

}  // namespace

std::vector<std::int64_t> MixedTargets::main() const {
  std::vector<std::int64_t> classes(targets.begin(), targets.end());
  for (std::size_t i = 0; i < partners.size() && i < classes.size(); ++i) {
    if ((shares.empty() ? share : shares[i]) < 0.5) classes[i] = partners[i];
  }
  return classes;
}

at::Tensor MixedTargets::blend(const at::Tensor& of_targets, const at::Tensor& of_partners) const {
  if (shares.empty()) return at::add(at::mul(of_targets, share), of_partners, 1 - share);
  if (of_targets.dim() == 0 || of_targets.size(0) != std::ssize(shares)) {
    fail("mixing: {} shares for {} images", shares.size(), of_targets.dim() == 0 ? 0 : of_targets.size(0));
  }
  at::Tensor own = at::tensor(at::ArrayRef<double>(shares.data(), shares.size()), at::kDouble).to(of_targets.options());
  if (of_targets.dim() == 2) own = own.unsqueeze(1);
  return at::add(at::mul(of_targets, own), at::mul(of_partners, at::rsub(own, 1)));
}

double Smoothing::on(std::int64_t classes) const {
  check_smoothing(share);
  return toolbox && classes > 1 ? 1 - share : 1 - share + off(classes);
}

double Smoothing::off(std::int64_t classes) const {
  check_smoothing(share);
  return share / static_cast<double>(toolbox && classes > 1 ? classes - 1 : classes);
}

at::Tensor soft_targets(const at::Tensor& logits, const MixedTargets& mixed, const Smoothing& smoothing) {
  expect_logits(logits);
  const std::int64_t classes = logits.size(1);
  const auto smoothed = [&](std::span<const std::int64_t> targets) {
    return at::full_like(logits.detach(), smoothing.off(classes))
        .scatter_(1, on_device(logits, targets).unsqueeze(1), smoothing.on(classes));
  };
  const at::Tensor soft = smoothed(mixed.targets);
  if (mixed.partners.empty()) return soft;
  return mixed.blend(soft, smoothed(mixed.partners));
}

at::Tensor row_weights(const at::Tensor& logits, const MixedTargets& mixed, const at::Tensor& class_weights) {
  expect_logits(logits);
  if (class_weights.dim() != 1 || class_weights.size(0) != logits.size(1)) {
    fail("class weights: {} for {} classes", class_weights.numel(), logits.size(1));
  }
  const at::Tensor weights = class_weights.to(logits.options());
  const at::Tensor own = weights.index_select(0, on_device(logits, mixed.targets));
  if (mixed.partners.empty()) return own;
  return mixed.blend(own, weights.index_select(0, on_device(logits, mixed.partners)));
}

at::Tensor target_tensor(std::span<const std::int64_t> targets) {
  // from_blob takes a mutable pointer; nothing here writes through it.
  return at::from_blob(const_cast<std::int64_t*>(targets.data()), {static_cast<std::int64_t>(targets.size())},
                       at::kLong);
}

}  // namespace springbok::tasks
