// Capturing and playing, through LibTorch's graphs of any device.
#include "springbok/engine/captured.h"

#include <ATen/core/GraphImplInterface.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/_foreach_copy.h>
#include <ATen/ops/empty_like.h>
#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <functional>
#include <utility>
#include <vector>

#include "springbok/base/error.h"

namespace springbok::engine {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;
using Graph = std::unique_ptr<at::GraphImplInterface>;

/// Runs `work` while the device listens, on a stream of its own.
void listen(at::Device device, at::GraphImplInterface& graph, at::MempoolId_t pool, const std::function<void()>& work) {
  const c10::impl::VirtualGuardImpl guard(device.type());
  guard.synchronizeDevice(device.index());
  const c10::StreamGuard aside(guard.getNewStream(device));
  graph.capture_begin(pool);
  try {
    work();
  } catch (...) {
    try {
      graph.capture_end();
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): the first error says more
    }
    throw;
  }
  graph.capture_end();
}

class CapturedPass;

/// The pass as autograd sees it: one node between the parameters and the output.
struct Played : torch::autograd::Function<Played> {
  static at::Tensor forward(AutogradContext* context, std::int64_t pass, at::TensorList parameters);
  static variable_list backward(AutogradContext* context, const variable_list& gradients);
};

class CapturedPass final : public Captured {
 public:
  CapturedPass(const Executor& executor, const State& state, const at::Tensor& input, Pass pass)
      : input_(input.clone()), forward_(make(input.device())), backward_(make(input.device())) {
    for (const at::Tensor& tensor : state.tensors) {
      if (tensor.requires_grad()) parameters_.push_back(tensor);
    }
    pass.effects = &moving_;
    executor.forward(state, input_, pass);  // which makes the statistics' tensors, and what kernels keep
    at::Tensor output;
    listen(input.device(), *forward_, {0, 0}, [&] { output = executor.forward(state, input_, pass); });
    output_ = output.detach();
    gradient_ = at::empty_like(output_);
    listen(input.device(), *backward_, forward_->pool(), [&] {
      gradients_ = torch::autograd::grad({output}, parameters_, {gradient_}, /*retain_graph=*/false,
                                         /*create_graph=*/false, /*allow_unused=*/true);
    });
  }

  at::Tensor play(const State& state, const at::Tensor& input, const Pass& pass) override {
    {
      const at::NoGradGuard no_grad;
      keep_gradients();
      input_.copy_(input);
      std::vector<at::Tensor> inside, outside;
      for (std::size_t i = 0; i < moving_.values().size(); ++i) {
        if (!moving_.values()[i].defined()) continue;
        inside.push_back(moving_.values()[i]);
        outside.push_back(pass.effects == nullptr ? state.tensors[i].detach()
                                                  : pass.effects->moving(static_cast<graph::ParamId>(i), state));
      }
      if (!inside.empty()) at::_foreach_copy_(inside, outside);
      forward_->replay();
      if (pass.effects != nullptr && !inside.empty()) at::_foreach_copy_(outside, inside);
    }
    return Played::apply(reinterpret_cast<std::int64_t>(this), at::TensorList(parameters_));
  }

  at::Tensor output() const { return output_.detach(); }
  variable_list gradients(const at::Tensor& of_output) {
    const at::NoGradGuard no_grad;
    keep_gradients();
    gradient_.copy_(of_output);
    backward_->replay();
    variable_list all;
    for (const at::Tensor& gradient : gradients_) all.push_back(gradient.defined() ? gradient.detach() : gradient);
    return all;
  }

 private:
  static Graph make(at::Device device) { return at::create_graph_impl(device.type()); }

  /// Parameters whose gradients are those of the last time keep them: accumulation adds to them.
  void keep_gradients() {
    for (std::size_t i = 0; i < parameters_.size() && i < gradients_.size(); ++i) {
      at::Tensor& kept = parameters_[i].mutable_grad();
      if (kept.defined() && gradients_[i].defined() && kept.is_alias_of(gradients_[i])) kept = kept.clone();
    }
  }

  at::Tensor input_, output_, gradient_;
  Effects moving_;
  variable_list parameters_, gradients_;
  Graph forward_, backward_;
};

at::Tensor Played::forward(AutogradContext* context, std::int64_t pass, at::TensorList) {
  context->saved_data["pass"] = pass;
  return reinterpret_cast<CapturedPass*>(pass)->output();
}

variable_list Played::backward(AutogradContext* context, const variable_list& gradients) {
  auto* pass = reinterpret_cast<CapturedPass*>(context->saved_data["pass"].toInt());
  variable_list all{at::Tensor()};  // of the pass's address
  for (at::Tensor& gradient : pass->gradients(gradients[0])) all.push_back(std::move(gradient));
  return all;
}

}  // namespace

std::string why_no_graphs(at::DeviceType type) {
  return at::has_graph_impl(type) ? "" : "this LibTorch has no graphs of that device";
}

std::unique_ptr<Captured> capture(const Executor& executor, const State& state, const at::Tensor& input,
                                  const Pass& pass) {
  return std::make_unique<CapturedPass>(executor, state, input, pass);
}

}  // namespace springbok::engine
