// Gathering strided tensors into row-major buffers, and changing their element type.
#include "springbok/tensors/convert.h"

#include <cstring>

#include "springbok/base/error.h"

namespace springbok::tensors {

namespace {

std::size_t bytes_of(const Tensor& tensor, DType dtype) {
  return static_cast<std::size_t>(tensor.elements()) * size_of(dtype);
}

/// Copies the sub-tensor of dimensions [dim, end) at `source`; returns where the next one goes.
template <std::size_t kSize>
std::byte* gather(const Tensor& tensor, std::size_t dim, const std::byte* source, std::byte* out) {
  const std::int64_t size = tensor.shape[dim];
  const std::ptrdiff_t step = tensor.strides[dim] * static_cast<std::ptrdiff_t>(kSize);
  if (dim + 1 == tensor.shape.size()) {
    for (std::int64_t i = 0; i < size; ++i, out += kSize) std::memcpy(out, source + i * step, kSize);
    return out;
  }
  for (std::int64_t i = 0; i < size; ++i) out = gather<kSize>(tensor, dim + 1, source + i * step, out);
  return out;
}

template <class From, class To, class F>
void map_elements(const std::byte* from, std::size_t count, std::byte* to, F function) {
  for (std::size_t i = 0; i < count; ++i) {
    From value;
    std::memcpy(&value, from + i * sizeof(From), sizeof(From));
    const To result = function(value);
    std::memcpy(to + i * sizeof(To), &result, sizeof(To));
  }
}

/// Elements at `from`, whose type is `dtype`, each as a To.
template <class To>
void widen(DType dtype, const std::byte* from, std::size_t count, std::byte* to) {
  const auto cast = [](auto value) { return static_cast<To>(value); };
  switch (dtype) {
    case DType::f64:
      return map_elements<double, To>(from, count, to, cast);
    case DType::f32:
      return map_elements<float, To>(from, count, to, cast);
    case DType::f16:
      return map_elements<std::uint16_t, To>(from, count, to, [](auto v) { return static_cast<To>(half_to_float(v)); });
    case DType::bf16:
      return map_elements<std::uint16_t, To>(from, count, to,
                                             [](auto v) { return static_cast<To>(bfloat16_to_float(v)); });
    case DType::i64:
      return map_elements<std::int64_t, To>(from, count, to, cast);
    case DType::i32:
      return map_elements<std::int32_t, To>(from, count, to, cast);
    case DType::i16:
      return map_elements<std::int16_t, To>(from, count, to, cast);
    case DType::i8:
      return map_elements<std::int8_t, To>(from, count, to, cast);
    case DType::u8:
    case DType::boolean:
      return map_elements<std::uint8_t, To>(from, count, to, cast);
  }
}

/// Floating-point elements at `from` to another floating-point type, by way of float32 unless both are wider.
void convert_elements(DType dtype, const std::byte* from, std::size_t count, DType wanted, std::byte* to) {
  if (wanted == DType::f64) return widen<double>(dtype, from, count, to);
  if (wanted == DType::f32) return widen<float>(dtype, from, count, to);
  constexpr std::size_t kBlock = 1024;
  float block[kBlock];
  for (std::size_t at = 0; at < count; at += kBlock) {
    const std::size_t here = count - at < kBlock ? count - at : kBlock;
    auto* const floats = reinterpret_cast<std::byte*>(block);
    widen<float>(dtype, from + at * size_of(dtype), here, floats);
    map_elements<float, std::uint16_t>(floats, here, to + at * 2, [wanted](float value) {
      return wanted == DType::f16 ? float_to_half(value) : float_to_bfloat16(value);
    });
  }
}

}  // namespace

void copy_elements(const Tensor& tensor, std::span<std::byte> out) {
  check(out.size() == bytes_of(tensor, tensor.dtype), "the buffer holds the tensor");
  if (out.empty()) return;
  if (tensor.contiguous()) {
    std::memcpy(out.data(), tensor.bytes.data(), out.size());
    return;
  }
  switch (size_of(tensor.dtype)) {
    case 1:
      gather<1>(tensor, 0, tensor.bytes.data(), out.data());
      break;
    case 2:
      gather<2>(tensor, 0, tensor.bytes.data(), out.data());
      break;
    case 4:
      gather<4>(tensor, 0, tensor.bytes.data(), out.data());
      break;
    default:
      gather<8>(tensor, 0, tensor.bytes.data(), out.data());
      break;
  }
}

Tensor contiguous(const Tensor& tensor) {
  if (tensor.contiguous()) return tensor;
  const auto buffer = std::make_shared<std::vector<std::byte>>(bytes_of(tensor, tensor.dtype));
  copy_elements(tensor, *buffer);
  return make_tensor(tensor.dtype, tensor.shape, *buffer, buffer);
}

Tensor convert(const Tensor& tensor, DType dtype) {
  if (tensor.dtype == dtype) return contiguous(tensor);
  check(is_float(tensor.dtype) && is_float(dtype), "only floating-point tensors change their type");
  const Tensor source = contiguous(tensor);
  const auto buffer = std::make_shared<std::vector<std::byte>>(bytes_of(tensor, dtype));
  convert_elements(source.dtype, source.bytes.data(), static_cast<std::size_t>(source.elements()), dtype,
                   buffer->data());
  return make_tensor(dtype, tensor.shape, *buffer, buffer);
}

StateDict convert(const StateDict& dict, DType dtype) {
  StateDict out;
  for (const auto& [name, tensor] : dict) {
    out.emplace_back(name, is_float(tensor.dtype) ? convert(tensor, dtype) : tensor);
  }
  return out;
}

void to_doubles(const Tensor& tensor, std::span<double> out) {
  check(out.size() == static_cast<std::size_t>(tensor.elements()), "the buffer holds the tensor");
  const Tensor source = contiguous(tensor);
  widen<double>(source.dtype, source.bytes.data(), out.size(), std::as_writable_bytes(out).data());
}

}  // namespace springbok::tensors
