// Copies of tensors: row-major, and in another floating-point type, without ATen.
#pragma once

#include <cstddef>
#include <span>

#include "springbok/weights/value.h"

namespace springbok::weights {

/// The tensor in row-major order: itself when it is so already, else a copy.
Tensor contiguous(const Tensor& tensor);

/// Writes the elements in row-major order to `out`, which holds exactly elements() * size_of(dtype) bytes.
void copy_elements(const Tensor& tensor, std::span<std::byte> out);

}  // namespace springbok::weights
