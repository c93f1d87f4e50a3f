// A checkpoint's contents as plain data: a tree of dictionaries, lists, scalars and tensors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace springbok::tensors {

enum class DType : std::uint8_t { f64, f32, f16, bf16, i64, i32, i16, i8, u8, boolean };

std::size_t size_of(DType dtype);
const char* name_of(DType dtype);                      ///< `float32`, `bfloat16`, ...
std::optional<DType> dtype_of(std::string_view name);  ///< the inverse of name_of
bool is_float(DType dtype);

/// A tensor as it lies in a file: no copy. `bytes` starts at the first element and reaches to the end of its storage.
/// It need not be aligned to the element (legacy files pack storages tightly), so copy rather than cast. `strides` are
/// in elements, never negative. `owner` keeps the bytes alive (a memory map, or a buffer).
struct Tensor {
  DType dtype = DType::f32;
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> strides;
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> owner;

  std::int64_t elements() const;
  bool contiguous() const;
};

/// The strides of a row-major tensor of this shape.
std::vector<std::int64_t> row_major(const std::vector<std::int64_t>& shape);

/// A row-major tensor over the bytes of `owner`. Fails a check when their number is not the shape's.
Tensor make_tensor(DType dtype, std::vector<std::int64_t> shape, std::span<const std::byte> bytes,
                   std::shared_ptr<const void> owner);

/// A dictionary's key. Python's integer keys (an optimizer's `state[0]`) are their decimal text, marked, so that they
/// are written as integers again; two keys of one text are equal.
struct Key : std::string {
  using std::string::string;
  Key(std::string text) : std::string(std::move(text)) {}  // NOLINT(google-explicit-constructor): it is its text
  static Key number(std::int64_t value);

  bool integer = false;
};

struct Value;
struct DictEntry;
using List = std::vector<Value>;      // Python's lists, tuples and sets
using Dict = std::vector<DictEntry>;  // in file order

/// What a file held that is not plain data (an `argparse.Namespace`): its class, kept but never run.
struct Opaque {
  std::string class_name;
};

struct Value {
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Tensor, List, Dict, Opaque> data;
};

struct DictEntry {
  Key key;
  Value value;
};

/// The value of a dictionary's key, or nullptr.
const Value* find(const Dict& dict, const std::string& key);

/// The same where the value is of that type, else nullptr.
template <class T>
const T* find_as(const Dict& dict, const std::string& key) {
  const Value* found = find(dict, key);
  return found == nullptr ? nullptr : std::get_if<T>(&found->data);
}

/// What a value is, for messages: `none`, `integer`, `float32 tensor of 64x3x7x7`, `dictionary of 5`, ...
std::string describe(const Value& value);

/// `64x3x7x7`; `scalar` when empty.
std::string shape_text(const std::vector<std::int64_t>& shape);

/// Named tensors in file order: what a state dict is once unwrapped.
using StateDict = std::vector<std::pair<std::string, Tensor>>;

}  // namespace springbok::tensors
