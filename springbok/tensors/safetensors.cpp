// Names and order of element types in the safetensors form.
#include "springbok/tensors/safetensors.h"

#include <array>

#include "springbok/base/error.h"

namespace springbok::tensors {

namespace {

struct Row {
  DType dtype;
  const char* name;
};

/// In the format's order, lowest first.
constexpr std::array kRows{Row{DType::boolean, "BOOL"}, Row{DType::u8, "U8"},   Row{DType::i8, "I8"},
                           Row{DType::i16, "I16"},      Row{DType::f16, "F16"}, Row{DType::bf16, "BF16"},
                           Row{DType::i32, "I32"},      Row{DType::f32, "F32"}, Row{DType::f64, "F64"},
                           Row{DType::i64, "I64"}};

}  // namespace

int safetensors_rank(DType dtype) {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (kRows[i].dtype == dtype) return static_cast<int>(i);
  }
  check(false, "every element type has a safetensors name");
  return 0;
}

const char* safetensors_name(DType dtype) {
  return kRows.at(static_cast<std::size_t>(safetensors_rank(dtype))).name;
}

std::optional<DType> safetensors_dtype(std::string_view name) {
  for (const Row& row : kRows) {
    if (name == row.name) return row.dtype;
  }
  return std::nullopt;
}

}  // namespace springbok::tensors
