// Small tensors and runs of Python.
#include "tests/tensors/helpers.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <numeric>

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
  std::string command = std::string(SPRINGBOK_SOURCE_DIR) + "/.venv/bin/python " + (source_folder() / script).string();
  for (const std::string& argument : arguments) command += " '" + argument + "'";
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) {
    ADD_FAILURE() << "cannot start " << command;
    return {};
  }
  std::string output;
  std::array<char, 4096> buffer;
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe)) output.append(buffer.data(), got);
  const int status = pclose(pipe);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "to repeat: " << command;
  return output;
}

}  // namespace springbok::tensors
