// Checkpoint values: element types, tensor geometry, dictionary lookup.
#include "springbok/tensors/value.h"

#include <array>

#include "springbok/base/error.h"

namespace springbok::tensors {

namespace {

struct DTypeInfo {
  const char* name;
  std::size_t size;
};

constexpr std::array<DTypeInfo, 10> kDTypes{{{"float64", 8},
                                             {"float32", 4},
                                             {"float16", 2},
                                             {"bfloat16", 2},
                                             {"int64", 8},
                                             {"int32", 4},
                                             {"int16", 2},
                                             {"int8", 1},
                                             {"uint8", 1},
                                             {"bool", 1}}};

const DTypeInfo& info(DType dtype) {
  return kDTypes.at(static_cast<std::size_t>(dtype));
}

struct Describe {
  std::string operator()(std::monostate) const { return "none"; }
  std::string operator()(bool) const { return "boolean"; }
  std::string operator()(std::int64_t) const { return "integer"; }
  std::string operator()(double) const { return "number"; }
  std::string operator()(const std::string&) const { return "text"; }
  std::string operator()(const Tensor& t) const {
    return format("{} tensor of {}", name_of(t.dtype), shape_text(t.shape));
  }
  std::string operator()(const List& list) const { return format("list of {}", list.size()); }
  std::string operator()(const Dict& dict) const { return format("dictionary of {}", dict.size()); }
  std::string operator()(const Opaque& opaque) const { return format("'{}' object", opaque.class_name); }
};

}  // namespace

std::size_t size_of(DType dtype) {
  return info(dtype).size;
}
const char* name_of(DType dtype) {
  return info(dtype).name;
}

std::optional<DType> dtype_of(std::string_view name) {
  for (std::size_t i = 0; i < kDTypes.size(); ++i) {
    if (name == kDTypes[i].name) return static_cast<DType>(i);
  }
  return std::nullopt;
}

bool is_float(DType dtype) {
  return dtype <= DType::bf16;
}

std::int64_t Tensor::elements() const {
  std::int64_t count = 1;
  for (const std::int64_t size : shape) count *= size;
  return count;
}

bool Tensor::contiguous() const {
  if (elements() == 0) return true;
  std::int64_t expected = 1;
  for (std::size_t i = shape.size(); i-- > 0;) {
    if (shape[i] != 1 && strides[i] != expected) return false;
    expected *= shape[i];
  }
  return true;
}

std::vector<std::int64_t> row_major(const std::vector<std::int64_t>& shape) {
  std::vector<std::int64_t> strides(shape.size(), 1);
  for (std::size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * (shape[i] > 1 ? shape[i] : 1);
  return strides;
}

Tensor make_tensor(DType dtype, std::vector<std::int64_t> shape, std::span<const std::byte> bytes,
                   std::shared_ptr<const void> owner) {
  std::vector<std::int64_t> strides = row_major(shape);
  Tensor tensor{dtype, std::move(shape), std::move(strides), bytes, std::move(owner)};
  check(bytes.size() == static_cast<std::size_t>(tensor.elements()) * size_of(dtype),
        "a tensor's bytes are as many as its shape says");
  return tensor;
}

Key Key::number(std::int64_t value) {
  Key key(std::to_string(value));
  key.integer = true;
  return key;
}

const Value* find(const Dict& dict, const std::string& key) {
  for (const auto& [name, value] : dict) {
    if (name == key) return &value;
  }
  return nullptr;
}

std::string describe(const Value& value) {
  return std::visit(Describe{}, value.data);
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  return shape.empty() ? "scalar" : fmt::format("{}", fmt::join(shape, "x"));
}

}  // namespace springbok::tensors
