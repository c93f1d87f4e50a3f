// The lambda layer's two readings.
#pragma once

#include <ATen/core/Tensor.h>

#include "springbok/graph/op.h"

namespace springbok::engine {

/// (N,heads*depth,H,W), (N,depth,H,W), (N,V,H,W) -> (N,heads*V,H,W).
at::Tensor lambda(const graph::Lambda& op, const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                  const at::Tensor& weight, const at::Tensor& bias);

}  // namespace springbok::engine
