// NumPy's scalars and arrays, as training scripts leave them in checkpoints.
#include "springbok/tensors/bytes.h"
#include "springbok/tensors/pickle/calls.h"

namespace springbok::tensors::pickle {

namespace {

NumpyDType dtype_argument(const Heap& heap, Id id) {
  const auto* dtype = heap.as<NumpyDType>(id);
  if (dtype == nullptr) heap.damaged("a NumPy value without an element type");
  return *dtype;
}

template <class T>
T value_of(std::string_view bytes) {
  return load_le<T>(as_bytes(bytes));
}

/// The number, where it is a real, an integer or a boolean that 64 bits hold.
std::optional<Object> scalar_value(const NumpyDType& dtype, std::string_view bytes) {
  if (bytes.size() != dtype.size || (dtype.order == '>' && dtype.size > 1)) return std::nullopt;
  if (dtype.kind == 'u' && dtype.size == 2) return Object{std::int64_t{value_of<std::uint16_t>(bytes)}};
  if (dtype.kind == 'u' && dtype.size == 4) return Object{std::int64_t{value_of<std::uint32_t>(bytes)}};
  const std::optional<DType> known = to_dtype(dtype);
  if (!known) return std::nullopt;
  switch (*known) {
    case DType::f64:
      return Object{value_of<double>(bytes)};
    case DType::f32:
      return Object{static_cast<double>(value_of<float>(bytes))};
    case DType::i64:
      return Object{value_of<std::int64_t>(bytes)};
    case DType::i32:
      return Object{std::int64_t{value_of<std::int32_t>(bytes)}};
    case DType::i16:
      return Object{std::int64_t{value_of<std::int16_t>(bytes)}};
    case DType::i8:
      return Object{std::int64_t{value_of<std::int8_t>(bytes)}};
    case DType::u8:
      return Object{std::int64_t{value_of<std::uint8_t>(bytes)}};
    case DType::boolean:
      return Object{bytes[0] != 0};
    case DType::f16:
    case DType::bf16:
      return std::nullopt;
  }
  return std::nullopt;
}

std::vector<std::int64_t> strides_of(const std::vector<std::int64_t>& shape, bool column_major) {
  if (!column_major) return row_major(shape);
  const std::vector<std::int64_t> reversed = row_major({shape.rbegin(), shape.rend()});
  return {reversed.rbegin(), reversed.rend()};
}

/// Fills an array once its parts are known. One of Python objects, or cut, stays incomplete and becomes an Opaque.
void fill(const Heap& heap, Array& array, NumpyDType dtype, std::vector<std::int64_t> shape, bool column_major,
          std::optional<std::string_view> bytes) {
  const std::optional<std::int64_t> count = checked_elements(shape);
  if (!count) heap.damaged("an array of an impossible shape");
  array.dtype = dtype;
  const std::optional<DType> element = to_dtype(dtype);
  if (!element || !bytes) return;
  if (static_cast<std::uint64_t>(*count) > bytes->size() / size_of(*element) ||
      static_cast<std::uint64_t>(*count) * size_of(*element) != bytes->size()) {
    heap.damaged("an array with more or fewer bytes than its shape says");
  }
  array.strides = strides_of(shape, column_major);
  array.shape = std::move(shape);
  array.bytes = *bytes;
  array.complete = true;
}

bool is_true(const Heap& heap, Id id) {
  const auto* yes = heap.as<bool>(id);
  const auto* number = heap.as<std::int64_t>(id);
  return (yes != nullptr && *yes) || (number != nullptr && *number != 0);
}

std::optional<std::string_view> raw(const Heap& heap, Id id) {
  if (const auto* bytes = heap.as<Bytes>(id)) return bytes->bytes;
  if (const auto* text = heap.as<Text>(id)) return text->text;  // Python 2's strings are bytes
  return std::nullopt;
}

}  // namespace

std::optional<DType> to_dtype(const NumpyDType& dtype) {
  if (dtype.order == '>' && dtype.size > 1) return std::nullopt;
  struct Row {
    char kind;
    std::uint16_t size;
    DType dtype;
  };
  static constexpr Row kRows[] = {{'f', 8, DType::f64}, {'f', 4, DType::f32}, {'f', 2, DType::f16},
                                  {'i', 8, DType::i64}, {'i', 4, DType::i32}, {'i', 2, DType::i16},
                                  {'i', 1, DType::i8},  {'u', 1, DType::u8},  {'b', 1, DType::boolean}};
  for (const Row& row : kRows) {
    if (row.kind == dtype.kind && row.size == dtype.size) return row.dtype;
  }
  return std::nullopt;
}

/// numpy.dtype('f8', align, copy).
Id numpy_dtype(Heap& heap, const std::vector<Id>& arguments) {
  if (arguments.empty()) heap.damaged("a NumPy element type without a name");
  const std::string_view name = heap.text(arguments[0], "a NumPy element type without a name");
  if (name.empty()) heap.damaged("a NumPy element type without a name");
  std::uint32_t size = 0;
  for (const char digit : name.substr(1)) {
    if (digit < '0' || digit > '9' || size > 6000) return heap.add(NumpyDType{'V', '|', 0});  // a structure
    size = size * 10 + static_cast<std::uint32_t>(digit - '0');
  }
  return heap.add(NumpyDType{name[0], '|', static_cast<std::uint16_t>(size)});
}

/// State (version, byte order, ...).
void build_numpy_dtype(Heap& heap, Id object, Id state) {
  const std::vector<Id>& parts = heap.items(state, "a NumPy element type without its state");
  if (parts.size() < 2) heap.damaged("a NumPy element type without its state");
  const std::string_view order = heap.text(parts[1], "a NumPy element type without a byte order");
  if (order.size() != 1) heap.damaged("a NumPy element type without a byte order");
  std::get<NumpyDType>(heap.objects[object]).order = order[0];
}

/// scalar(dtype, bytes).
Id numpy_scalar(Heap& heap, const std::vector<Id>& arguments) {
  if (arguments.empty()) heap.damaged("a NumPy value without an element type");
  const NumpyDType dtype = dtype_argument(heap, arguments[0]);
  const auto bytes = arguments.size() > 1 ? raw(heap, arguments[1]) : std::nullopt;
  const auto value = bytes ? scalar_value(dtype, *bytes) : std::nullopt;
  if (value) return heap.add(*value);
  return heap.add(
      Instance{heap.add_name(format("numpy scalar of type {}{}", printable({&dtype.kind, 1}), dtype.size))});
}

/// _frombuffer(bytes, dtype, shape, order).
Id numpy_from_buffer(Heap& heap, const std::vector<Id>& arguments) {
  if (arguments.size() < 4) heap.damaged("an array without bytes, element type, shape and order");
  Array array;
  const bool column_major = heap.text(arguments[3], "an array without an order") == "F";
  fill(heap, array, dtype_argument(heap, arguments[1]), integers(heap, arguments[2], "an array without a shape"),
       column_major, raw(heap, arguments[0]));
  heap.arrays.push_back(std::move(array));
  return heap.add(NumpyArray{static_cast<std::uint32_t>(heap.arrays.size() - 1)});
}

/// State (version, shape, dtype, column-major?, bytes).
void build_numpy_array(Heap& heap, Id object, Id state) {
  const std::vector<Id>& parts = heap.items(state, "an array without its state");
  if (parts.size() < 5) heap.damaged("an array without its state");
  Array array;
  fill(heap, array, dtype_argument(heap, parts[2]), integers(heap, parts[1], "an array without a shape"),
       is_true(heap, parts[3]), raw(heap, parts[4]));
  heap.arrays[std::get<NumpyArray>(heap.objects[object]).at] = std::move(array);
}

}  // namespace springbok::tensors::pickle
