// A loader's batch as the network's input, and the network's output for it.
#pragma once

#include <ATen/core/Tensor.h>

#include "springbok/base/precision.h"
#include "springbok/data/load/loader.h"
#include "springbok/engine/executor.h"
#include "springbok/engine/state.h"

namespace springbok::model {

/// (N,C,H,W), channels last, over the batch's own pixels, which must outlive it and every gradient of it.
at::Tensor input_tensor(data::Batch& batch);

/// The network's output for a batch, in evaluation and without gradients: computed where the state is, given to the
/// host. Throws as `Executor::forward`.
at::Tensor outputs_of(const engine::Executor& executor, const engine::State& state, data::Batch& batch,
                      Precision precision);

}  // namespace springbok::model
