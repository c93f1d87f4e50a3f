// Batch norm in training, with what stands behind it, as one op under autograd.
#include "springbok/engine/kernels/norm_relu.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>
#include <vector>

#include "springbok/base/error.h"
#include "springbok/engine/kernels/misfit.h"
#include "springbok/engine/kernels/norm_kernels.h"
#include "springbok/engine/kernels/rows.h"

namespace springbok::engine {
namespace {

at::Tensor channel_tensor(std::int64_t channels) {
  return at::empty({channels}, at::kFloat);
}

}  // namespace

Factors factors(const Moments& batch, const Rows& of, const at::Tensor& weight, const NormState& norm) {
  Factors out{channel_tensor(of.channels), channel_tensor(of.channels), channel_tensor(of.channels)};
  const auto count = static_cast<double>(of.rows);
  const float* gamma = weight.const_data_ptr<float>();
  float* running_mean = norm.mean.mutable_data_ptr<float>();
  float* running_var = norm.var.mutable_data_ptr<float>();
  for (std::int64_t c = 0; c < of.channels; ++c) {
    const double mean = batch.mean[static_cast<std::size_t>(c)], squares = batch.squares[static_cast<std::size_t>(c)];
    const double inverse_std = 1 / std::sqrt(squares / count + norm.eps);
    out.mean.mutable_data_ptr<float>()[c] = static_cast<float>(mean);
    out.scale.mutable_data_ptr<float>()[c] = static_cast<float>(gamma[c] * inverse_std);
    out.inverse_std.mutable_data_ptr<float>()[c] = static_cast<float>(inverse_std);
    const auto moved = [&](float running, double now) {
      return static_cast<float>((1 - norm.momentum) * running + norm.momentum * now);
    };
    running_mean[c] = moved(running_mean[c], mean);
    running_var[c] = moved(running_var[c], squares / (count - 1));
  }
  return out;
}

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr std::int64_t kNoAct = -1;

NormForward pointers(const Factors& factors, const at::Tensor& bias, const std::optional<graph::Act>& act) {
  return {factors.mean.const_data_ptr<float>(), factors.scale.const_data_ptr<float>(), bias.const_data_ptr<float>(),
          act};
}

class NormRelu : public torch::autograd::Function<NormRelu> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const std::optional<at::Tensor>& addend,
                            const at::Tensor& weight, const at::Tensor& bias, const NormState& norm,
                            const std::optional<graph::Act>& act) {
    const Rows of(x);
    const Factors f = factors(batch_moments(of, x), of, weight, norm);
    at::Tensor y = at::empty_like(x);
    const at::Tensor added = addend ? addend->contiguous(at::MemoryFormat::ChannelsLast) : at::Tensor();
    const NormForward forward = pointers(f, bias, act);
    for_parts(of, [&](std::int64_t, std::int64_t at, std::int64_t rows) {
      const std::int64_t count = rows * of.channels;
      Values from(x, at, count), to(y, at, count), more(addend ? added : x, at, count);
      normalise(forward, from.read(), addend ? more.read() : nullptr, rows, of.channels, to.write());
      to.keep();
    });
    const bool by_output = act && addend;
    context->save_for_backward({x, bias, f.mean, f.scale, f.inverse_std, by_output ? y : at::Tensor()});
    context->saved_data["act"] = act ? static_cast<std::int64_t>(*act) : kNoAct;
    context->saved_data["added"] = addend.has_value();
    return y;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const std::int64_t which = context->saved_data["act"].toInt();
    const bool added = context->saved_data["added"].toBool();
    const auto act = which == kNoAct ? std::nullopt : std::optional(static_cast<graph::Act>(which));
    const at::Tensor &x = saved[0], &bias = saved[1];
    const Factors f{saved[2], saved[3], saved[4]};
    const at::Tensor gradient = gradients[0].contiguous(at::MemoryFormat::ChannelsLast);
    const Rows of(x);
    const NormGate gate = act && added ? NormGate::by_output : NormGate::by_input;
    const NormForward forward = pointers(f, bias, act);

    // With ReLU the addend's gradient is what passed the gate; without, it is the gradient itself.
    const at::Tensor passed = gate == NormGate::by_output ? at::empty_like(x) : at::Tensor();
    Sums sums(of.channels);
    sums.add(of, forward, gate, gradient, x, saved[5], passed);

    const at::Tensor g = passed.defined() ? passed : gradient;
    at::Tensor slope = channel_tensor(of.channels), offset = channel_tensor(of.channels);
    at::Tensor weight_gradient = channel_tensor(of.channels), bias_gradient = channel_tensor(of.channels);
    for (std::int64_t c = 0; c < of.channels; ++c) {
      const double inverse_std = f.inverse_std.const_data_ptr<float>()[c], scale = f.scale.const_data_ptr<float>()[c];
      const double sum = sums.of_gradient[static_cast<std::size_t>(c)], sum_x = sums.of_x[static_cast<std::size_t>(c)];
      const auto count = static_cast<double>(of.rows);
      slope.mutable_data_ptr<float>()[c] = static_cast<float>(-scale * inverse_std * inverse_std * sum_x / count);
      offset.mutable_data_ptr<float>()[c] = static_cast<float>(-scale * sum / count);
      weight_gradient.mutable_data_ptr<float>()[c] = static_cast<float>(sum_x * inverse_std);
      bias_gradient.mutable_data_ptr<float>()[c] = static_cast<float>(sum);
    }
    at::Tensor x_gradient = at::empty_like(x);
    for_parts(of, [&](std::int64_t, std::int64_t at, std::int64_t rows) {
      const std::int64_t count = rows * of.channels;
      Values given(g, at, count), from(x, at, count), to(x_gradient, at, count);
      input_gradient(forward, gate, {given.read(), from.read(), nullptr},
                     {slope.const_data_ptr<float>(), offset.const_data_ptr<float>()}, rows, of.channels, to.write());
      to.keep();
    });
    return {x_gradient, added ? g : at::Tensor(), weight_gradient, bias_gradient, at::Tensor(), at::Tensor()};
  }

 private:
  /// Per channel, the sums of the gradient behind the gate and of its product with x - mean.
  struct Sums {
    std::vector<double> of_gradient, of_x;
    explicit Sums(std::int64_t channels)
        : of_gradient(static_cast<std::size_t>(channels)), of_x(static_cast<std::size_t>(channels)) {}

    void add(const Rows& of, const NormForward& forward, NormGate gate, const at::Tensor& gradient, const at::Tensor& x,
             const at::Tensor& y, const at::Tensor& passed) {
      const std::size_t channels = of_gradient.size(), all_parts = static_cast<std::size_t>(of.parts);
      std::vector<double> sum(all_parts * channels), sum_x(all_parts * channels);
      for_parts(of, [&](std::int64_t part, std::int64_t at, std::int64_t rows) {
        const std::int64_t count = rows * of.channels;
        Values given(gradient, at, count), from(x, at, count), output(y.defined() ? y : x, at, count);
        Values through(passed.defined() ? passed : x, at, count);
        const NormBackward in{given.read(), from.read(), y.defined() ? output.read() : nullptr};
        const NormSums out{sum.data() + part * of.channels, sum_x.data() + part * of.channels,
                           passed.defined() ? through.write() : nullptr};
        gradient_sums(forward, gate, in, rows, of.channels, out);
        if (passed.defined()) through.keep();
      });
      for (std::size_t i = 0; i < sum.size(); ++i) {
        of_gradient[i % channels] += sum[i];
        of_x[i % channels] += sum_x[i];
      }
    }
  };
};

}  // namespace

const char* norm_relu_misfit(const at::Tensor& x) {
  if (const char* misfit = image_misfit(x, kNormLanes, true)) return misfit;
  return x.numel() == x.size(1) ? "one value a channel" : nullptr;
}

at::Tensor norm_relu(const at::Tensor& x, const std::optional<at::Tensor>& addend, const NormState& norm, bool relu) {
  check(norm_relu_misfit(x) == nullptr, "a norm's steps were decided for another layout");
  const auto act = relu ? std::optional(graph::Act::relu) : std::nullopt;
  const auto added = addend ? std::optional(addend->to(x.scalar_type())) : std::nullopt;
  return NormRelu::apply(x, added, norm.weight, norm.bias, norm, act);
}

at::Tensor norm_act(const at::Tensor& x, const NormState& norm, graph::Act act) {
  check(norm_relu_misfit(x) == nullptr, "a norm's steps were decided for another layout");
  return NormRelu::apply(x, std::optional<at::Tensor>(), norm.weight, norm.bias, norm, std::optional(act));
}

}  // namespace springbok::engine
