// Losses of embeddings and of regressions.
#include "springbok/tasks/embedding.h"

#include <ATen/ops/abs.h>
#include <ATen/ops/add.h>
#include <ATen/ops/clamp_min.h>
#include <ATen/ops/div.h>
#include <ATen/ops/eq.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/logical_and.h>
#include <ATen/ops/logical_not.h>
#include <ATen/ops/logsumexp.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/rsub.h>
#include <ATen/ops/softplus.h>
#include <ATen/ops/sub.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros_like.h>

#include <limits>

#include "springbok/base/error.h"

namespace springbok::tasks {
namespace {

void expect_embedding(const at::Tensor& embedding) {
  if (!embedding.defined() || embedding.dim() != 2) fail("embeddings are (N,D)");
}

void expect_labels(const at::Tensor& embedding, const at::Tensor& targets) {
  expect_embedding(embedding);
  const bool fits = targets.defined() && targets.dim() == 1 && targets.scalar_type() == at::kLong &&
                    targets.size(0) == embedding.size(0);
  if (!fits) fail("targets are (N) of int64, one class an embedding");
}

at::Tensor lengths(const at::Tensor& rows) {
  return rows.norm(2, {1}, true);
}

at::Tensor unit(const at::Tensor& rows) {
  constexpr double kShortest = 1e-12;  // as torch.nn.functional.normalize
  return at::div(rows, at::clamp_min(lengths(rows), kShortest));
}

/// log sum exp over each row's pairs. A pair that is none leaves nothing, or exp(0).
at::Tensor over_pairs(const at::Tensor& scores, const at::Tensor& pairs, bool exp_zero) {
  const at::Tensor none = at::zeros_like(scores);
  if (exp_zero) return at::logsumexp(at::where(pairs, scores, none), {1});
  return at::logsumexp(scores.masked_fill(at::logical_not(pairs), -std::numeric_limits<double>::infinity()), {1});
}

}  // namespace

at::Tensor circle_loss(const at::Tensor& embedding, const at::Tensor& targets, const CircleLossOptions& options) {
  expect_labels(embedding, targets);
  const at::Tensor rows = options.toolbox ? embedding : unit(embedding);
  const at::Tensor similar = at::matmul(rows, rows.t()), fixed = similar.detach();
  const at::Tensor same = at::eq(targets.unsqueeze(0), targets.unsqueeze(1)).to(embedding.device());
  const at::Tensor self = at::eye(rows.size(0), similar.options().dtype(at::kBool));
  const at::Tensor positive = at::logical_and(same, at::logical_not(self)), negative = at::logical_not(same);
  const double m = options.margin;
  const at::Tensor pull = at::mul(at::clamp_min(at::rsub(fixed, 1 + m), 0), -options.gamma);
  const at::Tensor push = at::mul(at::clamp_min(at::add(fixed, m), 0), options.gamma);
  const at::Tensor near = over_pairs(at::mul(pull, at::sub(similar, 1 - m)), positive, options.toolbox);
  const at::Tensor far = over_pairs(at::mul(push, at::sub(similar, m)), negative, options.toolbox);
  if (options.toolbox) return at::softplus(at::add(near, far)).mean();
  const at::Tensor both = at::logical_and(positive.any(1), negative.any(1));  // else a sum is empty, its log -inf
  const at::Tensor sum = at::add(near.masked_fill(at::logical_not(both), 0), far.masked_fill(at::logical_not(both), 0));
  return at::div(at::where(both, at::softplus(sum), at::zeros_like(sum)).sum(), rows.size(0));
}

at::Tensor center_loss(const at::Tensor& embedding, const at::Tensor& centers, const at::Tensor& targets, double weight,
                       bool toolbox) {
  expect_labels(embedding, targets);
  const at::Tensor away = at::sub(embedding, centers.index_select(0, targets));
  const at::Tensor distance = toolbox ? away.norm() : at::mul(away, away).sum();
  return at::mul(distance, weight / (2 * static_cast<double>(embedding.size(0))));
}

at::Tensor ring_loss(const at::Tensor& embedding, const at::Tensor& radius, const RingLossOptions& options) {
  expect_embedding(embedding);
  const at::Tensor rows = options.toolbox && options.normalise ? unit(embedding) : embedding;
  const at::Tensor off = at::sub(options.toolbox ? rows : lengths(rows), radius);
  return at::mul(at::mul(off, off).sum(1).mean(), options.weight / 2);
}

at::Tensor l0_loss(const at::Tensor& output, const at::Tensor& target, double gamma, double eps) {
  if (!output.defined() || !target.defined() || output.sizes() != target.sizes()) {
    fail("L0 loss: output and target have one shape");
  }
  return at::pow(at::add(at::abs(at::sub(output, target)), eps), gamma);
}

}  // namespace springbok::tasks
