// Name by name, then element by element.
#include "springbok/tensors/diff.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "springbok/base/error.h"
#include "springbok/tensors/convert.h"

namespace springbok::tensors {

namespace {

/// |a - b|; two NaNs or equal infinities are 0 apart, one alone is infinitely far.
double distance(double a, double b) {
  if (a == b || (std::isnan(a) && std::isnan(b))) return 0;
  const double apart = std::abs(a - b);
  return std::isnan(apart) ? std::numeric_limits<double>::infinity() : apart;
}

TensorDiff compare(const std::string& name, const Tensor& a, const Tensor& b) {
  TensorDiff result{.name = name, .a = a.dtype, .b = b.dtype, .elements = a.elements()};
  std::vector<double> left(static_cast<std::size_t>(result.elements)), right(left.size());
  to_doubles(a, left);
  to_doubles(b, right);
  for (std::size_t i = 0; i < left.size(); ++i) {
    const double apart = distance(left[i], right[i]);
    if (apart > 0) ++result.different;
    result.max_abs = std::max(result.max_abs, apart);
    if (std::isfinite(left[i])) result.max_value = std::max(result.max_value, std::abs(left[i]));
  }
  return result;
}

}  // namespace

bool Diff::same() const {
  return only_a.empty() && only_b.empty() && shapes.empty() &&
         std::all_of(tensors.begin(), tensors.end(),
                     [](const TensorDiff& t) { return t.different == 0 && t.a == t.b; });
}

Diff diff(const StateDict& a, const StateDict& b) {
  std::unordered_map<std::string_view, const Tensor*> in_b;
  for (const auto& [name, tensor] : b) in_b.emplace(name, &tensor);
  Diff result;
  for (const auto& [name, tensor] : a) {
    const auto found = in_b.find(name);
    if (found == in_b.end()) {
      result.only_a.push_back(name);
      continue;
    }
    const Tensor& other = *found->second;
    if (tensor.shape == other.shape) {
      result.tensors.push_back(compare(name, tensor, other));
    } else {
      result.shapes.push_back(format("{}: {} and {}", name, shape_text(tensor.shape), shape_text(other.shape)));
    }
    in_b.erase(found);
  }
  for (const auto& [name, tensor] : b) {
    if (in_b.contains(name)) result.only_b.push_back(name);
  }
  return result;
}

}  // namespace springbok::tensors
