// Gathering strided tensors into row-major buffers.
#include "springbok/weights/convert.h"

#include <cstring>

#include "springbok/base/error.h"

namespace springbok::weights {

namespace {

/// Copies the sub-tensor of dimensions [dim, end) at `source`; returns where the next one goes.
template <std::size_t kSize>
std::byte* gather(const Tensor& tensor, std::size_t dim, const std::byte* source, std::byte* out) {
  if (dim == tensor.shape.size()) {
    std::memcpy(out, source, kSize);
    return out + kSize;
  }
  const std::int64_t size = tensor.shape[dim];
  const std::ptrdiff_t step = tensor.strides[dim] * static_cast<std::ptrdiff_t>(kSize);
  if (dim + 1 == tensor.shape.size()) {
    for (std::int64_t i = 0; i < size; ++i, out += kSize) std::memcpy(out, source + i * step, kSize);
    return out;
  }
  for (std::int64_t i = 0; i < size; ++i) out = gather<kSize>(tensor, dim + 1, source + i * step, out);
  return out;
}

}  // namespace

void copy_elements(const Tensor& tensor, std::span<std::byte> out) {
  const std::size_t size = size_of(tensor.dtype);
  check(out.size() == static_cast<std::size_t>(tensor.elements()) * size, "the buffer holds the tensor");
  if (out.empty()) return;
  if (tensor.contiguous()) {
    std::memcpy(out.data(), tensor.bytes.data(), out.size());
    return;
  }
  switch (size) {
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
  const auto buffer =
      std::make_shared<std::vector<std::byte>>(static_cast<std::size_t>(tensor.elements()) * size_of(tensor.dtype));
  copy_elements(tensor, *buffer);
  return make_tensor(tensor.dtype, tensor.shape, *buffer, buffer);
}

}  // namespace springbok::weights
