// Checks of a call, each for what would otherwise be a crash, a hang or a text of LibTorch's.
#include "springbok/engine/call.h"

#include <utility>

#include "springbok/base/error.h"
#include "springbok/engine/memory.h"

namespace springbok::engine {
namespace {

std::string type_name(const at::Tensor& tensor) {
  return at::toString(tensor.scalar_type());
}

}  // namespace

void expect_call(const graph::Graph& graph, const State& state, const at::Tensor& input) {
  const auto& params = graph.params();
  if (state.tensors.size() != params.size()) {
    fail("the state has {} tensors, the graph {} parameters: it is another graph's", state.tensors.size(),
         params.size());
  }
  if (!input.defined()) fail("the network's input is (N,C,H,W), got no tensor");
  const at::ScalarType type = input.scalar_type();
  if (type != at::kFloat && type != at::kDouble) {
    fail("the network's input is of float or double, got {}; convert it, pixels / 255 and normalised",
         type_name(input));
  }
  for (std::size_t i = 0; i < params.size(); ++i) {
    const at::Tensor& tensor = state.tensors[i];
    if (!tensor.defined()) fail("{}: the state has no tensor for it", params[i].name);
    if (tensor.sizes() != at::IntArrayRef(params[i].shape)) {
      fail("{}: the state has a {}, the graph wants {}: it is another graph's", params[i].name,
           graph::to_text(tensor.sizes().vec()), graph::to_text(params[i].shape));
    }
    const at::ScalarType wanted = params[i].integer ? at::kLong : type;
    if (tensor.scalar_type() != wanted) {
      fail("{}: is of type {}, for an input of type {}; convert one of them", params[i].name, type_name(tensor),
           type_name(input));
    }
    if (tensor.device() != input.device()) {
      fail("{}: is on {}, the input on {}", params[i].name, tensor.device().str(), input.device().str());
    }
  }
}

void expect_pass(const Pass& pass) {
  for (const auto& [name, ramp] : {std::pair("dropout", pass.ramps.dropout),
                                   {"drop path", pass.ramps.drop_path},
                                   {"DropBlock", pass.ramps.drop_block}}) {
    const bool share = ramp >= 0 && ramp <= 1;
    if (!share) fail("the ramp of {} is between 0 and 1, got {}", name, ramp);
  }
}

void fail_at(const std::string& layer, const c10::Error& error) {
  std::string text = error.what_without_backtrace();
  if (text.find("alloc") != std::string::npos) {
    throw OutOfMemory(format("{}: not enough memory for its output; use a smaller batch or smaller images", layer));
  }
  fail("{}: LibTorch cannot run it: {}", layer, text.substr(0, text.find('\n')));
}

}  // namespace springbok::engine
