// Renaming a state dict from one naming to the zoo's.
#include "springbok/weights/fit/naming.h"

#include <algorithm>
#include <unordered_map>

#include "springbok/base/error.h"
#include "springbok/tensors/convert.h"
#include "springbok/weights/fit/publishers.h"

namespace springbok::weights {
namespace {

bool is_surplus(const Naming& naming, const std::string& key) {
  return std::any_of(naming.surplus.begin(), naming.surplus.end(),
                     [&](const std::string& beginning) { return key.starts_with(beginning); });
}

/// `4096x512x7x7` and `4096x25088`, `10x64x1x1` and `10x64`: the same numbers in the same order.
bool same_matrix(const std::vector<std::int64_t>& a, const std::vector<std::int64_t>& b) {
  if (std::min(a.size(), b.size()) != 2 || std::max(a.size(), b.size()) != 4 || a[0] != b[0]) return false;
  const auto& kernel = a.size() == 4 ? a : b;
  const auto& matrix = a.size() == 4 ? b : a;
  // A file's sizes may be anything; compared by division, so that no product overflows.
  std::int64_t left = matrix[1];
  for (std::size_t i = 1; i < 4; ++i) {
    if (kernel[i] < 1 || left % kernel[i] != 0) return false;
    left /= kernel[i];
  }
  return left == 1;
}

tensors::Tensor reshaped(const tensors::Tensor& tensor, const std::vector<std::int64_t>& shape) {
  tensors::Tensor result = contiguous(tensor);
  result.shape = shape;
  result.strides = tensors::row_major(shape);
  return result;
}

}  // namespace

std::vector<Naming> namings(const std::string& model, const graph::Graph& graph) {
  std::vector<std::string> own;
  for (const graph::Param& param : graph.params()) own.push_back(param.name);
  std::vector<Naming> all{{.name = "", .keys = own, .caveat = own_caveat(model)}};
  for (Naming& naming : published_namings(model, own)) all.push_back(std::move(naming));
  return all;
}

Renamed rename(const graph::Graph& graph, const Naming& naming, const tensors::StateDict& dict) {
  const auto& params = graph.params();
  check(naming.keys.size() == params.size(), "a naming has a key for each parameter");
  std::unordered_map<std::string_view, std::size_t> by_key;
  for (std::size_t i = 0; i < params.size(); ++i) by_key.emplace(naming.keys[i], i);
  Renamed result;
  for (const auto& [key, tensor] : dict) {
    const auto found = by_key.find(key);
    if (found == by_key.end()) {
      if (is_surplus(naming, key)) {
        result.ignored.push_back(key);
      } else {
        result.dict.emplace_back(key, tensor);
      }
      continue;
    }
    const graph::Param& param = params[found->second];
    if (param.name == key) {
      result.dict.emplace_back(key, tensor);
      continue;
    }
    ++result.renamed;
    result.dict.emplace_back(param.name,
                             same_matrix(tensor.shape, param.shape) ? reshaped(tensor, param.shape) : tensor);
  }
  return result;
}

}  // namespace springbok::weights
