// Binary cross-entropy.
#include "springbok/tasks/binary_cross_entropy.h"

#include <ATen/core/Reduction.h>
#include <ATen/ops/binary_cross_entropy_with_logits.h>
#include <ATen/ops/full.h>
#include <ATen/ops/gt.h>

#include "springbok/tasks/expect.h"

namespace springbok::tasks {

at::Tensor binary_cross_entropy(const at::Tensor& logits, const at::Tensor& soft,
                                const BinaryCrossEntropyOptions& options) {
  expect_soft(logits, soft);
  const at::Tensor wanted = options.threshold < 0 ? soft : at::gt(soft, options.threshold).to(soft.scalar_type());
  at::Tensor pos_weight;
  if (options.pos_weight != 1) pos_weight = at::full({}, options.pos_weight, logits.options());
  const at::Tensor each = at::binary_cross_entropy_with_logits(logits, wanted, {}, pos_weight, at::Reduction::None);
  return options.sum_classes ? each.sum(1) : each.mean(1);
}

}  // namespace springbok::tasks
