// Whether values are numbers, at the speed of memory.
#pragma once

#include <ATen/core/Tensor.h>

namespace springbok::tasks {

/// Whether no value is infinite or NaN; of no values, and of integers, true. Waits for the device.
bool all_finite(const at::Tensor& values);

}  // namespace springbok::tasks
