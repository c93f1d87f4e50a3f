// A checkpoint's contents as plain data: a tree of dictionaries, lists, scalars and tensors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace springbok::weights {

enum class DType : std::uint8_t { f64, f32, f16, bf16, i64, i32, i16, i8, u8, boolean };

std::size_t size_of(DType dtype);
const char* name_of(DType dtype);  ///< `float32`, `bfloat16`, ...

/// A tensor as it lies in a file: no copy. `bytes` starts at the first element and reaches to the end of its storage;
/// `strides` are in elements. `owner` keeps the bytes alive (a memory map, or a buffer).
struct Tensor {
  DType dtype = DType::f32;
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> strides;
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> owner;

  std::int64_t elements() const;
  bool contiguous() const;
};

struct Value;
using List = std::vector<Value>;
using Dict =
    std::vector<std::pair<std::string, Value>>;  // in file order; integer keys are written as their decimal text

/// What a file held that is not plain data (an `argparse.Namespace`): its class, kept but never run.
struct Opaque {
  std::string class_name;
};

struct Value {
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Tensor, List, Dict, Opaque> data;
};

/// The entry of a dictionary, or nullptr.
const Value* find(const Dict& dict, const std::string& key);

/// Named tensors in file order: what a state dict is once unwrapped.
using StateDict = std::vector<std::pair<std::string, Tensor>>;

}  // namespace springbok::weights
