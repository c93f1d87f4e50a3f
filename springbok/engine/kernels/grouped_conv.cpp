// Grouped 3 x 3 convolutions of few channels a group, as one op under autograd. The gradient of the input is a
// convolution too: of the output's gradient, with the taps turned round and each group's matrix transposed.
#include "springbok/engine/kernels/grouped_conv.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty_like.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <vector>

#include "springbok/base/error.h"
#include "springbok/engine/kernels/grouped_conv_kernels.h"
#include "springbok/engine/kernels/misfit.h"

namespace springbok::engine {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr auto kLayout = at::MemoryFormat::ChannelsLast;
constexpr std::int64_t kRowsATask =
    16;  ///< of the weights' gradient: fixed, so that its sum is the same for any threads

/// Sizes of one convolution.
struct Shape {
  Extent extent;
  std::int64_t images, group;

  std::int64_t rows() const { return images * extent.height; }
  std::int64_t line() const { return extent.width * extent.channels; }
  std::int64_t weights() const { return extent.channels * group * kConvTaps * kConvTaps; }
};

Shape shape_of(const at::Tensor& x, const at::Tensor& weight) {
  return {{x.size(2), x.size(3), x.size(1)}, x.size(0), weight.size(1)};
}

/// Calls `use(place in channels-last weights, place in packed weights)` for each weight, packed as a convolution with
/// them needs, or, `turned`, as the gradient of its input needs.
template <class Use>
void for_weights(const Shape& shape, bool turned, const Use& use) {
  const std::int64_t group = shape.group;
  for (std::int64_t out = 0, at = 0; out < shape.extent.channels; ++out) {
    for (std::int64_t row = 0; row < kConvTaps; ++row) {
      for (std::int64_t column = 0; column < kConvTaps; ++column) {
        for (std::int64_t in = 0; in < group; ++in, ++at) {
          const std::int64_t channel = turned ? out / group * group + in : out, partner = turned ? out % group : in;
          const std::int64_t r = turned ? kConvTaps - 1 - row : row, c = turned ? kConvTaps - 1 - column : column;
          const std::int64_t tap = ((channel / kConvBlock * kConvTaps + r) * group + partner) * kConvTaps + c;
          use(at, tap * kConvBlock + channel % kConvBlock);
        }
      }
    }
  }
}

/// In float32 whatever it is given; the result is of x's type.
at::Tensor convolve(const at::Tensor& given, const at::Tensor& given_weight, bool turned) {
  const at::Tensor x = given.to(at::kFloat), weight = given_weight.to(at::kFloat);
  const Shape shape = shape_of(x, weight);
  std::vector<float> packed(static_cast<std::size_t>(shape.weights()));
  const float* const weights = weight.const_data_ptr<float>();
  for_weights(shape, turned,
              [&](std::int64_t from, std::int64_t to) { packed[static_cast<std::size_t>(to)] = weights[from]; });
  at::Tensor y = at::empty_like(x);
  const float* const images = x.const_data_ptr<float>();
  float* const out = y.mutable_data_ptr<float>();
  const std::int64_t height = shape.extent.height, line = shape.line();
  at::parallel_for(0, shape.rows(), 4, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      grouped_conv_row(images + i / height * height * line, shape.extent, i % height, shape.group, packed.data(),
                       out + i * line);
    }
  });
  return y.to(given.scalar_type());
}

at::Tensor weight_gradient(const at::Tensor& given, const at::Tensor& weight, const at::Tensor& given_gradient) {
  const at::Tensor x = given.to(at::kFloat), gradient = given_gradient.to(at::kFloat);
  const Shape shape = shape_of(x, weight);
  const std::int64_t height = shape.extent.height, line = shape.line();
  const std::int64_t tasks = (shape.rows() + kRowsATask - 1) / kRowsATask;
  std::vector<float> parts(static_cast<std::size_t>(tasks * shape.weights()));
  const float *const images = x.const_data_ptr<float>(), *const gradients = gradient.const_data_ptr<float>();
  at::parallel_for(0, tasks, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin * kRowsATask; i < std::min(end * kRowsATask, shape.rows()); ++i) {
      grouped_conv_weights_row(images + i / height * height * line, shape.extent, i % height, shape.group,
                               gradients + i * line, parts.data() + i / kRowsATask * shape.weights());
    }
  });
  at::Tensor sum = at::empty_like(weight, at::kFloat);
  float* const out = sum.mutable_data_ptr<float>();
  for_weights(shape, false, [&](std::int64_t to, std::int64_t from) {
    float value = 0;
    for (std::int64_t task = 0; task < tasks; ++task) {
      value += parts[static_cast<std::size_t>(task * shape.weights() + from)];
    }
    out[to] = value;
  });
  return sum.to(weight.scalar_type());
}

class GroupedConv : public torch::autograd::Function<GroupedConv> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight) {
    context->save_for_backward({x, weight});
    return convolve(x, weight, false);
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor gradient = gradients[0].contiguous(kLayout);
    at::Tensor input, weight;
    if (context->needs_input_grad(0)) input = convolve(gradient, saved[1], true);
    if (context->needs_input_grad(1)) weight = weight_gradient(saved[0], saved[1], gradient);
    return {input, weight};
  }
};

}  // namespace

const char* grouped_conv_misfit(const graph::Conv2d& op, const at::Tensor& x, const at::Tensor& weight) {
  constexpr graph::Pair kOne{1, 1}, kThree{kConvTaps, kConvTaps};
  const std::int64_t group = op.in / op.groups;
  if (group != 4 && group != 8) return "not 4 or 8 channels a group";
  if (op.in != op.out) return "as many channels do not come out as go in";
  if (op.kernel != kThree || op.stride != kOne || op.padding != kOne || op.dilation != kOne) {
    return "not 3 x 3 with stride, padding and dilation 1";
  }
  if (op.bias != graph::kNoParam) return "with a bias";
  if (const char* misfit = image_misfit(x, kConvBlock, true)) return misfit;
  return weight.is_contiguous(kLayout) ? nullptr : "its weight is not channels last";
}

at::Tensor grouped_conv(const at::Tensor& x, const at::Tensor& weight) {
  const bool plain = image_misfit(x, kConvBlock, true) == nullptr && weight.is_contiguous(kLayout);
  check(plain, "a convolution's steps were decided for another layout");
  return GroupedConv::apply(x, weight);
}

}  // namespace springbok::engine
