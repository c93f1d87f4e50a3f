// EvoNorm-B0 as the paper's code writes it, on ATen.
#include "springbok/engine/kernels/evo_norm.h"

#include <ATen/Functions.h>

#include "springbok/engine/kernels/variance.h"

namespace springbok::engine {

at::Tensor evo_norm(const graph::EvoNorm& op, const at::Tensor& input, const EvoNormState& state, bool batch) {
  const at::Tensor x = input.to(state.weight.scalar_type());  // statistics of what is lower are float32 too
  at::Tensor variance = state.running_var;
  if (batch) {
    variance = at::var(x, at::IntArrayRef{0, 2, 3}, true, true);
    state.running_var.detach().lerp_(variance.detach(), op.momentum);
  }
  const at::Tensor instance = sample_variance(x, {2, 3}).add(op.eps).sqrt();
  const at::Tensor denominator = at::maximum(variance.add(op.eps).sqrt(), at::mul(state.v, x).add(instance));
  return at::div(x, denominator).mul(state.weight).add(state.bias);
}

}  // namespace springbok::engine
