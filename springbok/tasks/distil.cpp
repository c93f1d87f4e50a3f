// Knowledge distillation.
#include "springbok/tasks/distil.h"

#include <ATen/ops/div.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/sub.h>

#include "springbok/base/error.h"
#include "springbok/tasks/expect.h"

namespace springbok::tasks {

at::Tensor distil_sum(const at::Tensor& student, const at::Tensor& teacher, const DistilOptions& options) {
  expect_logits(student);
  if (!teacher.defined() || teacher.sizes() != student.sizes()) {
    fail("distillation: the teacher's logits have another shape than the student's");
  }
  const bool above = options.temperature > 0;
  if (!above) fail("distillation: the temperature must be above 0, got {}", options.temperature);
  const at::Tensor log_teacher = at::log_softmax(at::div(teacher, options.temperature), 1);
  const at::Tensor log_student = at::log_softmax(at::div(student, options.temperature), 1);
  const at::Tensor gap = options.toolbox ? log_student.neg() : at::sub(log_teacher, log_student);
  return at::mul(at::mul(at::exp(log_teacher), gap).sum(), options.temperature * options.temperature);
}

}  // namespace springbok::tasks
