// A loader's batch as the network's input.
#pragma once

#include <ATen/core/Tensor.h>

#include "springbok/data/load/loader.h"

namespace springbok::model {

/// (N,C,H,W), channels last, over the batch's own pixels, which must outlive it and every gradient of it.
at::Tensor input_tensor(data::Batch& batch);

}  // namespace springbok::model
