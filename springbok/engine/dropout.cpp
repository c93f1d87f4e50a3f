// Dropout masks from the counter-based generator.
#include "springbok/engine/dropout.h"

#include <ATen/Functions.h>

#include "springbok/base/rng.h"

namespace springbok::engine {

at::Tensor dropout(const at::Tensor& x, double p, const NoiseName& name) {
  const std::int64_t samples = x.size(0);
  const std::int64_t each = samples == 0 ? 0 : x.numel() / samples;
  at::Tensor mask = at::empty({samples, each}, at::kFloat);
  float* values = mask.mutable_data_ptr<float>();
  const auto keep = static_cast<float>(1 / (1 - p));
  const std::uint64_t path = fnv1a64(name.path);
  for (std::int64_t s = 0; s < samples; ++s) {
    Rng rng(name.seed,
            {static_cast<std::uint64_t>(name.step), path, static_cast<std::uint64_t>(name.first_sample + s)});
    for (std::int64_t e = 0; e < each; ++e) *values++ = rng.uniform() < p ? 0.0F : keep;
  }
  return at::mul(x, mask.view(x.sizes()).to(x.options()));
}

}  // namespace springbok::engine
