// What the tests of this room share: tensors from numbers, and Python with torch.
#pragma once

#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "springbok/tensors/value.h"

namespace springbok::tensors {

template <class T>
Tensor tensor_of(DType dtype, std::vector<std::int64_t> shape, std::vector<T> values) {
  const auto owner = std::make_shared<std::vector<T>>(std::move(values));
  return make_tensor(dtype, std::move(shape), std::as_bytes(std::span(*owner)), owner);
}

/// float32 0, 1, 2, ...
Tensor counting(std::vector<std::int64_t> shape);

/// A tensor of that shape which costs one element.
Tensor thin(const std::vector<std::int64_t>& shape);

/// What `.venv/bin/python SCRIPT ARGUMENTS...` prints on standard output; a failed test when it ends with an error.
/// SCRIPT is a name in tests/tensors.
std::string run_python(const std::string& script, const std::vector<std::string>& arguments);

std::filesystem::path source_folder();  ///< tests/tensors

}  // namespace springbok::tensors
