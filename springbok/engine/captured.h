// One training pass as a device keeps it: graphs of forward and backward over tensors that stay where they are.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>

#include "springbok/engine/executor.h"
#include "springbok/engine/pass.h"
#include "springbok/engine/state.h"

namespace springbok::engine {

class Captured {
 public:
  virtual ~Captured() = default;
  virtual at::Tensor play(const State& state, const at::Tensor& input, const Pass& pass) = 0;
};

/// Why this LibTorch captures nothing on that device; "" where it does.
std::string why_no_graphs(at::DeviceType type);

/// Captures a pass: runs it once as it is, then once while the device listens. Throws Error, with the device as it was,
/// for what cannot be captured.
std::unique_ptr<Captured> capture(const Executor& executor, const State& state, const at::Tensor& input,
                                  const Pass& pass);

}  // namespace springbok::engine
