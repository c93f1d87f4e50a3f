// Cross-entropy of softmax.
#include "springbok/tasks/cross_entropy.h"

#include <ATen/core/Reduction.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/neg.h>

#include "springbok/base/error.h"
#include "springbok/tasks/expect.h"

namespace springbok::tasks {
namespace {

/// torch-toolbox's distribution may have more than PyTorch's smoothing allows (s C / (C - 1) above 1).
at::Tensor toolbox_sum(const at::Tensor& logits, const at::Tensor& targets, const CrossEntropyOptions& options) {
  const std::int64_t classes = logits.size(1);
  at::Tensor soft = at::full_like(logits.detach(), options.smoothing.off(classes))
                        .scatter_(1, targets.unsqueeze(1), options.smoothing.on(classes));
  if (options.weights.defined()) soft = at::mul(soft, options.weights.to(logits.options()));
  return at::neg(at::mul(soft, at::log_softmax(logits, 1)).sum());
}

/// Of images that are mixed apart: each has a distribution of its own.
at::Tensor apart_sum(const at::Tensor& logits, const MixedTargets& mixed, const CrossEntropyOptions& options) {
  at::Tensor soft = soft_targets(logits, mixed, options.smoothing);
  if (options.weights.defined()) soft = at::mul(soft, options.weights.to(logits.options()));
  return at::neg(at::mul(soft, at::log_softmax(logits, 1)).sum());
}

}  // namespace

at::Tensor cross_entropy_sum(const at::Tensor& logits, const at::Tensor& targets, const CrossEntropyOptions& options) {
  constexpr std::int64_t kIgnoreNothing = -100;
  expect_logits(logits);
  expect_target_tensor(logits, targets);
  const double share = options.smoothing.share;
  const bool inside = share >= 0 && share <= 1;
  if (!inside) fail("label smoothing: must be between 0 and 1, got {}", share);
  const at::Tensor here = targets.to(logits.device());
  if (options.smoothing.toolbox && share > 0) return toolbox_sum(logits, here, options);
  const at::Tensor weights = options.weights.defined() ? options.weights.to(logits.options()) : at::Tensor();
  return at::cross_entropy_loss(logits, here, weights, at::Reduction::Sum, kIgnoreNothing, share);
}

at::Tensor cross_entropy_sum(const at::Tensor& logits, const MixedTargets& mixed, const CrossEntropyOptions& options) {
  if (!mixed.shares.empty() && !mixed.partners.empty()) return apart_sum(logits, mixed, options);
  const at::Tensor loss = cross_entropy_sum(logits, target_tensor(mixed.targets), options);
  if (mixed.partners.empty()) return loss;
  return mixed.blend(loss, cross_entropy_sum(logits, target_tensor(mixed.partners), options));
}

at::Tensor cross_entropy_sum(const at::Tensor& logits, const at::Tensor& targets, double smoothing) {
  return cross_entropy_sum(logits, targets, {.smoothing = {.share = smoothing}});
}

at::Tensor cross_entropy_sum(const at::Tensor& logits, const MixedTargets& mixed, double smoothing) {
  return cross_entropy_sum(logits, mixed, {.smoothing = {.share = smoothing}});
}

}  // namespace springbok::tasks
