// Focal loss.
#include "springbok/tasks/focal.h"

#include <ATen/core/Reduction.h>
#include <ATen/ops/add.h>
#include <ATen/ops/binary_cross_entropy_with_logits.h>
#include <ATen/ops/clamp_min.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/neg.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/rsub.h>
#include <ATen/ops/sigmoid.h>

#include <limits>

#include "springbok/tasks/expect.h"

namespace springbok::tasks {

at::Tensor focal(const at::Tensor& logits, const at::Tensor& soft, const FocalOptions& options) {
  expect_soft(logits, soft);
  const at::Tensor rest = at::rsub(soft, 1);
  // 1 - p_t without a difference of nearly equal numbers, and above 0, where a power below 1 has no finite slope.
  const at::Tensor missed = at::add(at::mul(at::sigmoid(logits), rest), at::mul(at::sigmoid(at::neg(logits)), soft));
  const double least = logits.scalar_type() == at::kDouble ? std::numeric_limits<double>::min()
                                                           : static_cast<double>(std::numeric_limits<float>::min());
  at::Tensor each = at::mul(at::binary_cross_entropy_with_logits(logits, soft, {}, {}, at::Reduction::None),
                            at::pow(at::clamp_min(missed, least), options.gamma));
  if (options.alpha >= 0) {
    each = at::mul(each, at::add(at::mul(soft, options.alpha), at::mul(rest, 1 - options.alpha)));
  }
  return each.sum(1);
}

}  // namespace springbok::tasks
