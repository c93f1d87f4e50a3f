// Tensors to a device and back.
#include "springbok/engine/place.h"

#include <ATen/ops/empty.h>
#include <c10/core/Event.h>
#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <map>
#include <mutex>

#include "springbok/engine/device.h"

namespace springbok::engine {
namespace {

/// The stream of copies of each device, made once.
c10::Stream copy_stream(at::Device device) {
  static std::mutex mutex;
  static auto& streams = *new std::map<std::pair<int, int>, c10::Stream>;
  const std::lock_guard lock(mutex);
  const std::pair key(static_cast<int>(device.type()), device.index());
  const auto found = streams.find(key);
  if (found != streams.end()) return found->second;
  const c10::impl::VirtualGuardImpl guard(device.type());
  return streams.emplace(key, guard.getNewStream(device)).first->second;
}

}  // namespace

void put(State& state, at::Device device) {
  if (device.is_cuda()) tune_cuda();
  for (at::Tensor& tensor : state.tensors) {
    if (tensor.device() == device) continue;
    const bool trainable = tensor.requires_grad();
    tensor = tensor.detach().to(device).set_requires_grad(trainable);
  }
}

at::Device device_of(const State& state) {
  return state.tensors.empty() ? at::Device(at::kCPU) : state.tensors.front().device();
}

at::Tensor upload(const at::Tensor& tensor, at::Device device) {
  if (tensor.device() == device) return tensor;
  const c10::impl::VirtualGuardImpl guard(device.type());
  const c10::Stream copies = copy_stream(device), present = guard.getStream(device);
  // Pinned memory is kept until the copy is done: its allocator knows the stream.
  at::Tensor pinned = at::empty(tensor.sizes(), tensor.options().pinned_memory(true), tensor.suggest_memory_format());
  pinned.copy_(tensor);
  at::Tensor there;
  {
    const c10::StreamGuard on(copies);
    there = pinned.to(device, /*non_blocking=*/true);
  }
  c10::Event done(device.type());
  done.record(copies);
  done.block(present);
  there.record_stream(present);
  return there;
}

at::Tensor download(const at::Tensor& tensor) {
  return tensor.detach().cpu();
}

}  // namespace springbok::engine
