// Softmax heads with margins.
#include "springbok/tasks/margin.h"

#include <ATen/ops/acos.h>
#include <ATen/ops/add.h>
#include <ATen/ops/clamp.h>
#include <ATen/ops/clamp_min.h>
#include <ATen/ops/cos.h>
#include <ATen/ops/div.h>
#include <ATen/ops/gt.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/rsub.h>
#include <ATen/ops/sub.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros_like.h>

#include <cmath>
#include <numbers>

#include "springbok/base/error.h"
#include "springbok/tasks/expect.h"

namespace springbok::tasks {
namespace {

constexpr double kShortest = 1e-12;  // as torch.nn.functional.normalize

at::Tensor unit(const at::Tensor& rows) {
  return at::div(rows, at::clamp_min(rows.norm(2, {1}, true), kShortest));
}

void expect_pair(const at::Tensor& embedding, const at::Tensor& weight) {
  const bool fits = embedding.defined() && weight.defined() && embedding.dim() == 2 && weight.dim() == 2 &&
                    embedding.size(1) == weight.size(1);
  if (!fits) fail("embeddings are (N,D) and classes' weights (classes,D)");
}

/// 1 at each row's class, else 0.
at::Tensor at_targets(const at::Tensor& cosine, const at::Tensor& targets) {
  expect_logits(cosine);
  expect_target_tensor(cosine, targets);
  return at::zeros_like(cosine.detach()).scatter_(1, targets.to(cosine.device()).unsqueeze(1), 1);
}

}  // namespace

at::Tensor cosines(const at::Tensor& embedding, const at::Tensor& weight) {
  expect_pair(embedding, weight);
  return at::linear(unit(embedding), unit(weight));
}

at::Tensor l2_softmax(const at::Tensor& embedding, const at::Tensor& weight, const L2SoftmaxOptions& options) {
  expect_pair(embedding, weight);
  return at::mul(at::linear(unit(embedding), options.normalise_weight ? unit(weight) : weight), options.alpha);
}

double least_alpha(double p, std::int64_t classes) {
  return std::log(p * static_cast<double>(classes - 2) / (1 - p));
}

at::Tensor am_softmax(const at::Tensor& cosine, const at::Tensor& targets, const MarginOptions& options) {
  return at::mul(at::sub(cosine, at_targets(cosine, targets), options.margin), options.scale);
}

at::Tensor arc_softmax(const at::Tensor& cosine, const at::Tensor& targets, const ArcOptions& options) {
  expect_logits(cosine);
  expect_target_tensor(cosine, targets);
  const at::Tensor place = targets.to(cosine.device()).unsqueeze(1), own = cosine.gather(1, place);
  const double m = options.margin;
  // acos has no finite slope at -1 and 1.
  const double most = 1 - (cosine.scalar_type() == at::kDouble ? 1e-15 : 1e-7);
  const at::Tensor turned = at::cos(at::add(at::acos(at::clamp(own, -most, most)), m));
  const at::Tensor kept = options.easy ? own : at::sub(own, std::sin(m) * m);
  const double from = options.easy ? 0 : std::cos(std::numbers::pi - m);
  at::Tensor moved = at::sub(at::where(at::gt(own, from), turned, kept), own);
  if (options.toolbox) moved = moved.detach();
  return at::mul(cosine.scatter_add(1, place, moved), options.scale);
}

at::Tensor circle_softmax(const at::Tensor& cosine, const at::Tensor& targets, const CircleOptions& options) {
  const at::Tensor own = at_targets(cosine, targets), others = at::rsub(own, 1), fixed = cosine.detach();
  const double m = options.margin;
  const at::Tensor pull = at::clamp_min(at::rsub(fixed, 1 + m), 0), push = at::clamp_min(at::add(fixed, m), 0);
  const at::Tensor both =
      at::add(at::mul(at::mul(own, pull), at::sub(cosine, 1 - m)), at::mul(at::mul(others, push), at::sub(cosine, m)));
  return at::mul(both, options.gamma);
}

}  // namespace springbok::tasks
