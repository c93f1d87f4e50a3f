// Copies of tensors: row-major, and in another floating-point type, without ATen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "springbok/tensors/value.h"

namespace springbok::tensors {

/// The tensor in row-major order: itself when it is so already, else a copy.
Tensor contiguous(const Tensor& tensor);

/// Writes the elements in row-major order to `out`, which holds exactly elements() * size_of(dtype) bytes.
void copy_elements(const Tensor& tensor, std::span<std::byte> out);

/// The tensor in another floating-point type, row-major, rounded as PyTorch does (to nearest even; from float64 to the
/// 16-bit types by way of float32). The same type gives contiguous(). Both types must be floating-point.
Tensor convert(const Tensor& tensor, DType dtype);

/// Converts every floating-point tensor; integers and booleans (num_batches_tracked, masks) stay.
StateDict convert(const StateDict& dict, DType dtype);

/// Writes the elements as float64 in row-major order to `out` (elements() of them); integers beyond 2^53 are rounded.
void to_doubles(const Tensor& tensor, std::span<double> out);

float half_to_float(std::uint16_t half);
std::uint16_t float_to_half(float value);
float bfloat16_to_float(std::uint16_t value);
std::uint16_t float_to_bfloat16(float value);

}  // namespace springbok::tensors
