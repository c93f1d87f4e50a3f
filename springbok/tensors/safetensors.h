// The element types of the safetensors form.
#pragma once

#include <optional>
#include <string_view>

#include "springbok/tensors/value.h"

namespace springbok::tensors {

/// `F32`, `BF16`, ... as the header spells it.
const char* safetensors_name(DType dtype);
std::optional<DType> safetensors_dtype(std::string_view name);

/// The format's own order of types, by which its writer sorts: higher first.
int safetensors_rank(DType dtype);

}  // namespace springbok::tensors
