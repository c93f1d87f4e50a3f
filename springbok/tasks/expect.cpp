// What losses and counting refuse.
#include "springbok/tasks/expect.h"

#include "springbok/base/error.h"

namespace springbok::tasks {

void expect_logits(const at::Tensor& logits) {
  const bool scores = logits.defined() && logits.dim() == 2 && logits.size(1) > 0 &&
                      (logits.scalar_type() == at::kFloat || logits.scalar_type() == at::kDouble);
  if (scores) return;
  if (!logits.defined()) fail("logits are (N,classes), got no tensor");
  fail("logits are (N,classes) of float or double, got {} dimensions of {}", logits.dim(),
       at::toString(logits.scalar_type()));
}

void expect_class(std::int64_t target, std::int64_t classes) {
  if (target < 0 || target >= classes) fail("a target is a class from 0 to {}, got {}", classes - 1, target);
}

void expect_targets(std::int64_t rows, std::span<const std::int64_t> targets, std::int64_t classes) {
  if (std::ssize(targets) != rows) fail("{} targets for {} rows of logits", targets.size(), rows);
  for (const std::int64_t target : targets) expect_class(target, classes);
}

void expect_soft(const at::Tensor& logits, const at::Tensor& soft) {
  expect_logits(logits);
  if (!soft.defined() || soft.sizes() != logits.sizes()) fail("soft targets have the shape of the logits");
}

void expect_target_tensor(const at::Tensor& logits, const at::Tensor& targets) {
  if (!targets.defined() || targets.dim() != 1 || targets.scalar_type() != at::kLong) {
    fail("targets are (N) of int64, one class a row of logits");
  }
  const at::Tensor here = targets.cpu().contiguous();
  expect_targets(logits.size(0), {here.const_data_ptr<std::int64_t>(), static_cast<std::size_t>(here.numel())},
                 logits.size(1));
}

}  // namespace springbok::tasks
