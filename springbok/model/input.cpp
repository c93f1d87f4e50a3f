// Viewing (N,H,W,C) pixels as a channels-last tensor.
#include "springbok/model/input.h"

#include <ATen/ops/from_blob.h>

namespace springbok::model {

at::Tensor input_tensor(data::Batch& batch) {
  const std::int64_t c = batch.channels, h = batch.height, w = batch.width;
  return at::from_blob(batch.pixels.data(), {batch.size, c, h, w}, {h * w * c, 1, w * c, c}, at::kFloat);
}

}  // namespace springbok::model
