// What a pickle is made of: small objects that name each other by number.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "springbok/tensors/value.h"

namespace springbok::tensors::pickle {

using Id = std::uint32_t;

/// What the reader knows how to make of a global (a class or a function); everything else is an error.
enum class Known : std::uint8_t {
  dict,          ///< OrderedDict, dict, Counter
  default_dict,  ///< its first argument is a factory
  list,          ///< list, tuple, set, frozenset, deque, torch.Size
  bytes,         ///< bytearray, bytes
  encode,        ///< _codecs.encode(text, 'latin1')
  storage,       ///< torch.FloatStorage
  untyped_storage,
  dtype,              ///< torch.float32
  device,             ///< torch.device('cuda', 0)
  layout,             ///< torch.serialization._get_layout('torch.strided')
  rebuild_tensor,     ///< (storage, offset, size, stride[, requires_grad, hooks[, metadata]])
  rebuild_tensor_v3,  ///< (storage, offset, size, stride, requires_grad, hooks, dtype[, metadata])
  rebuild_parameter,  ///< (tensor, requires_grad, hooks[, state])
  rebuild_from_type,  ///< (function, type, arguments, state)
  tensor_type,        ///< torch.Tensor, torch.nn.Parameter, ... as an argument
  numpy_dtype,
  numpy_scalar,
  numpy_reconstruct,
  numpy_from_buffer,
  numpy_array_type,  ///< numpy.ndarray, as an argument
  reconstruct,       ///< copyreg._reconstructor
  type,              ///< int, float, object, ... as an argument
  opaque,            ///< a class whose objects are kept as Opaque
};

struct None {};
struct Text {
  std::string_view text;
};
struct Bytes {
  std::string_view bytes;
};
struct BigInteger {
  std::string_view bytes;  ///< more than eight, two's complement, lowest first
};
struct Tuple {
  std::uint32_t at;  ///< Heap::sequences
};
struct Listing {
  std::uint32_t at;
};
struct Mapping {
  std::uint32_t at;  ///< key, value, key, value, ...
};
struct Class {
  Known known;
  DType dtype;         ///< of `storage` and `dtype`
  std::uint32_t name;  ///< Heap::names
};
struct Instance {
  std::uint32_t name;
};
struct StorageRef {
  std::uint32_t at;  ///< Heap::storages
};
struct TensorRef {
  std::uint32_t at;  ///< Heap::tensors
};
struct NumpyDType {
  char kind;  ///< `f`, `i`, `u`, `b`, ...
  char order;
  std::uint16_t size;
};
struct NumpyArray {
  std::uint32_t at;  ///< Heap::arrays
};

using Object = std::variant<None, bool, std::int64_t, double, Text, Bytes, BigInteger, Tuple, Listing, Mapping, Class,
                            Instance, StorageRef, TensorRef, NumpyDType, NumpyArray>;

}  // namespace springbok::tensors::pickle
