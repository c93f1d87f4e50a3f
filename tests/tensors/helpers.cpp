// Small tensors and runs of Python.
#include "tests/tensors/helpers.h"

#include <numeric>

#include "tests/support/run_python.h"

namespace springbok::tensors {

Tensor counting(std::vector<std::int64_t> shape) {
  const std::int64_t count = std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
  std::vector<float> values(static_cast<std::size_t>(count));
  std::iota(values.begin(), values.end(), 0.0f);
  return tensor_of(DType::f32, std::move(shape), std::move(values));
}

std::filesystem::path source_folder() {
  return std::filesystem::path(SPRINGBOK_SOURCE_DIR) / "tests" / "tensors";
}

Tensor thin(const std::vector<std::int64_t>& shape) {
  Tensor tensor = counting({1});
  tensor.shape = shape;
  tensor.strides.assign(shape.size(), 0);
  return tensor;
}

std::string run_python(const std::string& script, const std::vector<std::string>& arguments) {
  return testing::run_python("tensors/" + script, arguments);
}

}  // namespace springbok::tensors
