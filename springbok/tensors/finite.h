// Whether a tensor's numbers are numbers that float32 can hold.
#pragma once

#include <optional>

#include "springbok/tensors/value.h"

namespace springbok::tensors {

/// The first element that is NaN, infinite or, in float64, beyond float32's range; nothing where all are fine.
std::optional<double> first_not_finite(const Tensor& tensor);

}  // namespace springbok::tensors
