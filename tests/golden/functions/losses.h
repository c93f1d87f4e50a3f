// What the kinds of losses share, and the kinds that stand in files of their own.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "springbok/tasks/targets.h"
#include "tests/golden/functions/functions.h"

namespace springbok::golden {

/// An input that gradients are taken of.
inline at::Tensor leaf(const nlohmann::json& description) {
  return input_of(description).detach().clone().requires_grad_();
}

inline std::vector<std::int64_t> classes_of(const nlohmann::json& list) {
  return list.get<std::vector<std::int64_t>>();
}

/// A loss against `value`, and the gradients of its sum against `grad_NAME`.
void check_loss(Sheet& sheet, const std::string& what, const at::Tensor& loss, const nlohmann::json& out,
                const std::vector<std::pair<std::string, at::Tensor>>& leaves, double bound = 1e-12);

std::vector<Kind> embedding_kinds();
std::vector<Kind> mixture_kinds();
std::vector<Kind> loop_kinds();

}  // namespace springbok::golden
