// Knowledge distillation: a student learns a teacher's distribution.
#pragma once

#include <ATen/core/Tensor.h>

namespace springbok::tasks {

struct DistilOptions {
  double temperature = 1;  ///< T: both distributions are softmax(logits / T)
  bool toolbox = false;    ///< with the teacher's entropy, as torch-toolbox's KnowledgeDistillationLoss
};

/// T^2 times the divergence of the student from the teacher, KL(teacher || student), summed over the batch (Hinton et
/// al. 2015, sec. 2). torch-toolbox's is the cross-entropy: larger by the teacher's entropy, with the student's same
/// gradient. student, teacher (N,classes) -> scalar. A teacher that must not learn is given detached.
at::Tensor distil_sum(const at::Tensor& student, const at::Tensor& teacher, const DistilOptions& options = {});

}  // namespace springbok::tasks
