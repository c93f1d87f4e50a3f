// Finite values by their sum.
#include "springbok/tasks/finite.h"

#include <ATen/ops/isfinite.h>

#include <cmath>

namespace springbok::tasks {

bool all_finite(const at::Tensor& values) {
  if (!values.is_floating_point()) return true;
  // A sum passes on what is not finite. That of finite values may overflow: then each is looked at.
  return std::isfinite(values.detach().sum().item<double>()) || at::isfinite(values).all().item<bool>();
}

}  // namespace springbok::tasks
