// Mixed precision: which types a pass computes in.
#pragma once

#include <ATen/core/Tensor.h>

#include "springbok/base/precision.h"

namespace springbok::engine {

/// float32, bfloat16 or float16.
at::ScalarType type_of(Precision precision);

/// While one is alive, this thread's ops on such a device run in the types of `torch.autocast(device, dtype)`, by
/// LibTorch's own lists. Convolutions and products take the lower type, ops that need the range float32, all others
/// what they are given. fp32 switches it off. Parameters are cast once, until the outermost ends. Backward must be
/// called after it has ended; it computes in the types of forward.
class Autocast {
 public:
  Autocast(Precision precision, at::DeviceType device);
  ~Autocast();
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  at::DeviceType device_;
  bool was_enabled_;
  at::ScalarType was_type_;
};

/// The tensor in the type that the Autocast at hand lowers to; a parameter's cast is made once, as for LibTorch's ops.
at::Tensor lowered(const at::Tensor& tensor);

}  // namespace springbok::engine
