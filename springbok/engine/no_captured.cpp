// A LibTorch from before graphs of any device.
#include "springbok/base/error.h"
#include "springbok/engine/captured.h"

namespace springbok::engine {

std::string why_no_graphs(at::DeviceType) {
  return "this LibTorch has no graphs of devices";
}

std::unique_ptr<Captured> capture(const Executor&, const State&, const at::Tensor&, const Pass&) {
  fail("{}", why_no_graphs(at::kCPU));
}

}  // namespace springbok::engine
