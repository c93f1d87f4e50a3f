// Looking at the bits of exponents, block by block, so that good tensors cost one pass.
#include "springbok/tensors/finite.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "springbok/base/error.h"
#include "springbok/tensors/convert.h"

namespace springbok::tensors {
namespace {

/// Whether any element has all bits of `exponent` set. The bytes need not be aligned.
template <class Bits>
bool any_special(std::span<const std::byte> bytes, Bits exponent) {
  bool found = false;
  for (std::size_t at = 0; at + sizeof(Bits) <= bytes.size(); at += sizeof(Bits)) {
    Bits bits;
    std::memcpy(&bits, bytes.data() + at, sizeof(Bits));
    found |= (bits & exponent) == exponent;
  }
  return found;
}

bool is_fine(double value) {
  return std::abs(value) <= static_cast<double>(std::numeric_limits<float>::max());
}

bool may_be_wrong(const Tensor& tensor, std::span<const std::byte> bytes) {
  switch (tensor.dtype) {
    case DType::f32:
      return any_special<std::uint32_t>(bytes, 0x7F800000u);
    case DType::f16:
      return any_special<std::uint16_t>(bytes, 0x7C00);
    case DType::bf16:
      return any_special<std::uint16_t>(bytes, 0x7F80);
    default:
      return tensor.dtype == DType::f64;
  }
}

}  // namespace

std::optional<double> first_not_finite(const Tensor& tensor) {
  if (!is_float(tensor.dtype)) return std::nullopt;
  const Tensor whole = contiguous(tensor);
  const auto count = static_cast<std::size_t>(whole.elements());
  if (!may_be_wrong(whole, whole.bytes.first(count * size_of(whole.dtype)))) return std::nullopt;
  std::vector<double> values(count);
  to_doubles(whole, values);
  for (const double value : values) {
    if (!is_fine(value)) return value;
  }
  return std::nullopt;
}

}  // namespace springbok::tensors
