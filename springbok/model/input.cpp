// Viewing (N,H,W,C) pixels as a channels-last tensor.
#include "springbok/model/input.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/from_blob.h>

#include "springbok/engine/place.h"

namespace springbok::model {

at::Tensor input_tensor(data::Batch& batch) {
  const std::int64_t c = batch.channels, h = batch.height, w = batch.width;
  return at::from_blob(batch.pixels.data(), {batch.size, c, h, w}, {h * w * c, 1, w * c, c}, at::kFloat);
}

at::Tensor outputs_of(const engine::Executor& executor, const engine::State& state, data::Batch& batch,
                      Precision precision) {
  const at::NoGradGuard no_grad;
  const at::Tensor input = engine::upload(input_tensor(batch), engine::device_of(state));
  return engine::download(executor.forward(state, input, {.train = false, .precision = precision}));
}

}  // namespace springbok::model
