// Asymmetric losses.
#include "springbok/tasks/asymmetric.h"

#include <ATen/ops/add.h>
#include <ATen/ops/clamp_max.h>
#include <ATen/ops/clamp_min.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/log.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/neg.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/rsub.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/sub.h>

#include <limits>

#include "springbok/tasks/expect.h"

namespace springbok::tasks {
namespace {

/// (1 - p)^gamma of each class, with a finite slope at p = 1.
at::Tensor focusing(const at::Tensor& p, const at::Tensor& here, const AsymmetricOptions& options) {
  const at::Tensor gamma = at::add(at::mul(here, options.gamma_pos), at::mul(at::rsub(here, 1), options.gamma_neg));
  return at::pow(at::clamp_min(at::rsub(p, 1), std::numeric_limits<float>::min()), gamma);
}

at::Tensor softmax_rows(const at::Tensor& logits, const at::Tensor& log_p, const MixedTargets& one,
                        const Smoothing& smoothing, const AsymmetricOptions& options) {
  const at::Tensor here = soft_targets(logits, one), p = at::exp(log_p);
  const at::Tensor told = at::add(at::mul(p, here), at::mul(at::rsub(p, 1), at::rsub(here, 1)));
  const at::Tensor wanted = soft_targets(logits, one, smoothing);
  return at::neg(at::mul(wanted, at::mul(log_p, focusing(told, here, options))).sum(1));
}

}  // namespace

at::Tensor asymmetric(const at::Tensor& logits, const at::Tensor& soft, const AsymmetricOptions& options) {
  constexpr double kLeast = 1e-8;  // the authors' eps
  expect_soft(logits, soft);
  const at::Tensor rest = at::rsub(soft, 1), p = at::sigmoid(logits);
  at::Tensor absent = at::rsub(p, 1);
  if (options.clip > 0) absent = at::clamp_max(at::add(absent, options.clip), 1);
  const at::Tensor plain =
      at::add(at::mul(soft, at::log(at::clamp_min(p, kLeast))), at::mul(rest, at::log(at::clamp_min(absent, kLeast))));
  const at::Tensor told = at::add(at::mul(p, soft), at::mul(absent, rest));
  return at::neg(at::mul(plain, focusing(told, soft, options)).sum(1));
}

at::Tensor asymmetric_softmax(const at::Tensor& logits, const MixedTargets& mixed, const Smoothing& smoothing,
                              const AsymmetricOptions& options) {
  expect_logits(logits);
  const at::Tensor log_p = at::log_softmax(logits, 1);
  const at::Tensor rows = softmax_rows(logits, log_p, {.targets = mixed.targets}, smoothing, options);
  if (mixed.partners.empty()) return rows;
  const at::Tensor other = softmax_rows(logits, log_p, {.targets = mixed.partners}, smoothing, options);
  return mixed.blend(rows, other);
}

}  // namespace springbok::tasks
