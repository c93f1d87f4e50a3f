// Comparing two state dicts: what only one has, what has another shape, and how far the numbers are apart.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "springbok/tensors/value.h"

namespace springbok::tensors {

/// A tensor that both have in one shape.
struct TensorDiff {
  std::string name;
  DType a = DType::f32, b = DType::f32;
  std::int64_t elements = 0;
  std::int64_t different = 0;  ///< elements whose values differ; two NaNs are equal
  double max_abs = 0;          ///< the largest |a - b|; infinity where one alone is NaN or infinite
  double max_value = 0;        ///< the largest finite |a|, to judge max_abs by
};

struct Diff {
  std::vector<std::string> only_a, only_b;
  std::vector<std::string> shapes;  ///< `fc.weight: 1000x512 and 10x512`
  std::vector<TensorDiff> tensors;  ///< in a's order

  /// Same names, shapes, element types and values.
  bool same() const;
};

Diff diff(const StateDict& a, const StateDict& b);

}  // namespace springbok::tensors
