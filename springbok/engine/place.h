// The one place that puts tensors on a device: a state once, batches as they come; and what brings results home.
#pragma once

#include <ATen/core/Tensor.h>

#include "springbok/engine/state.h"

namespace springbok::engine {

/// Moves the state's tensors, each in its layout; what requires a gradient still does. Whoever refers to them (an
/// optimizer, an average) must be made afterwards. Does nothing where they are.
void put(State& state, at::Device device);

/// Where a state's tensors are; the CPU for a state without any.
at::Device device_of(const State& state);

/// A tensor of the host's as the device has it: itself on the CPU. Else it goes through pinned memory and a stream of
/// its own, beside what the device computes; the device's present stream waits for it, the host does not. The tensor
/// may be changed or freed at once.
at::Tensor upload(const at::Tensor& tensor, at::Device device);

/// A tensor's values for the host, without a gradient: waits for them.
at::Tensor download(const at::Tensor& tensor);

}  // namespace springbok::engine
