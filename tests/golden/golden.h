// Golden outputs: what published Python code computes when every tensor is filled from its name, and the comparison.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "springbok/engine/state.h"
#include "springbok/graph/graph.h"

namespace springbok::golden {

/// A tensor filled from its key by the fill's formula (see README of the golden files), float64.
at::Tensor fill(const std::string& key, const graph::Shape& shape);

/// A state whose every tensor is filled from its name, in the given dtype.
engine::State filled_state(const graph::Graph& graph, at::ScalarType dtype);

enum class Verdict : std::uint8_t { pass, fail, unknown };

/// One file's comparison. Of a network, errors are relative; of a function, `worst64` is the largest share of what its
/// number's bound allows.
struct Report {
  std::string name = {};
  std::string model = {};  ///< the zoo's name for it; empty for a file of a function
  Verdict verdict = Verdict::unknown;
  double worst64 = 0;          ///< float64: largest relative error
  double worst32 = 0;          ///< float32: largest relative error
  double floor = 0;            ///< the published code's own float32 noise
  std::string unknown = {};    ///< what is not known: of factory or arguments, or parts of a function's file
  std::string exception = {};  ///< why a part of the file was not compared; empty where all of it was
  std::vector<std::string> failures = {};
};

/// Reads one golden file. Of a network: builds the model that its factory and arguments name, and compares names,
/// shapes, counts, outputs, loss, gradients and running statistics. Of a function: see functions/functions.h. Throws
/// Error for a file that is not of the format.
Report check_file(const std::filesystem::path& path);

/// `resnet50: pass, float64 3.1e-14 (bound 1e-09), float32 7.1e-07 (floor 8.9e-07)`.
std::string to_line(const Report& report);

}  // namespace springbok::golden
