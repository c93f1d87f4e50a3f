// Depthwise convolutions as one op under autograd. Backward makes both gradients in one walk over that of the output.
#include "springbok/engine/kernels/depthwise.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <vector>

#include "springbok/base/error.h"
#include "springbok/engine/kernels/depthwise_kernels.h"
#include "springbok/engine/kernels/misfit.h"

namespace springbok::engine {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr auto kLayout = at::MemoryFormat::ChannelsLast;
constexpr std::int64_t kFewValues = 1 << 18;
constexpr std::int64_t kRowsATask = 16;  // of the output: fixed, so that sums are the same for any threads

Depthwise sizes_of(const at::Tensor& x, const at::Tensor& weight, std::int64_t stride, graph::Pair padding) {
  const auto out = [&](std::int64_t size, std::int64_t pad) { return (size + 2 * pad - weight.size(2)) / stride + 1; };
  return {
      x.size(2),  x.size(3), out(x.size(2), padding[0]), out(x.size(3), padding[1]), x.size(1), weight.size(2), stride,
      padding[0], padding[1]};
}

/// Weights as the kernels read them: tap by tap, all channels of one together.
std::vector<float> packed(const Depthwise& conv, const at::Tensor& weight) {
  const at::Tensor plain = weight.contiguous();
  const float* const from = plain.const_data_ptr<float>();
  std::vector<float> to(static_cast<std::size_t>(conv.weights()));
  const std::int64_t taps = conv.kernel * conv.kernel;
  for (std::int64_t c = 0; c < conv.channels; ++c) {
    for (std::int64_t tap = 0; tap < taps; ++tap) {
      to[static_cast<std::size_t>(tap * conv.channels + c)] = from[c * taps + tap];
    }
  }
  return to;
}

/// Calls `work(task, image, first row, end)` for runs of an image's output rows, on all threads.
template <class Work>
void for_row_runs(const Depthwise& conv, std::int64_t images, const Work& work) {
  const std::int64_t runs = (conv.out_height + kRowsATask - 1) / kRowsATask;
  at::parallel_for(0, images * runs, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t task = begin; task < end; ++task) {
      const std::int64_t first = task % runs * kRowsATask;
      work(task, task / runs, first, std::min(first + kRowsATask, conv.out_height));
    }
  });
}

std::int64_t tasks_of(const Depthwise& conv, std::int64_t images) {
  return (conv.out_height + kRowsATask - 1) / kRowsATask * images;
}

/// The weights' gradient, added up over the tasks.
at::Tensor unpacked(const Depthwise& conv, const std::vector<float>& parts, const at::Tensor& weight) {
  at::Tensor out = at::empty_like(weight, at::MemoryFormat::Contiguous);
  float* const to = out.mutable_data_ptr<float>();
  const std::int64_t taps = conv.kernel * conv.kernel, step = conv.weights();
  std::vector<double> sums(static_cast<std::size_t>(step));
  for (std::size_t i = 0; i < parts.size(); ++i) sums[i % static_cast<std::size_t>(step)] += parts[i];
  for (std::int64_t c = 0; c < conv.channels; ++c) {
    for (std::int64_t tap = 0; tap < taps; ++tap) {
      to[c * taps + tap] = static_cast<float>(sums[static_cast<std::size_t>(tap * conv.channels + c)]);
    }
  }
  return out;
}

/// The gradients that are wanted; the other stays undefined.
struct Gradients {
  at::Tensor input, weight;
};

Gradients gradients_of(const Depthwise& conv, const at::Tensor& x, const at::Tensor& weight, const at::Tensor& gradient,
                       bool input, bool weights) {
  Gradients out;
  if (input) out.input = at::empty_like(x);
  const std::int64_t images = x.size(0), step = conv.weights();
  std::vector<float> parts(weights ? static_cast<std::size_t>(tasks_of(conv, images) * step) : 0);
  const std::vector<float> taps = packed(conv, weight);
  const float *const from = x.const_data_ptr<float>(), *const given = gradient.const_data_ptr<float>();
  float* const to = input ? out.input.mutable_data_ptr<float>() : nullptr;
  for_row_runs(conv, images, [&](std::int64_t task, std::int64_t image, std::int64_t first, std::int64_t end) {
    const float* const here = given + image * conv.out_height * conv.out_line();
    const std::int64_t start = image * conv.height * conv.line();
    for (std::int64_t row = first; row < end; ++row) {
      if (weights) {
        depthwise_weights_row(conv, from + start, row, here + row * conv.out_line(), parts.data() + task * step);
      }
      if (!input) continue;
      const std::int64_t last = row + 1 == conv.out_height ? conv.height : (row + 1) * conv.stride;
      for (std::int64_t i = row * conv.stride; i < std::min(last, conv.height); ++i) {
        depthwise_input_row(conv, here, i, taps.data(), to + start + i * conv.line());
      }
    }
  });
  if (weights) out.weight = unpacked(conv, parts, weight);
  return out;
}

class DepthwiseConv : public torch::autograd::Function<DepthwiseConv> {
 public:
  /// In float32 whatever it is given; the result is of x's type.
  static at::Tensor forward(AutogradContext* context, const at::Tensor& given, const at::Tensor& given_weight,
                            std::int64_t stride, const graph::Pair& padding) {
    context->save_for_backward({given, given_weight});
    const at::Tensor x = given.to(at::kFloat), weight = given_weight.to(at::kFloat);
    context->saved_data["window"] = std::vector<std::int64_t>{stride, padding[0], padding[1]};
    const Depthwise conv = sizes_of(x, weight, stride, padding);
    at::Tensor y =
        at::empty({x.size(0), conv.channels, conv.out_height, conv.out_width}, x.options().memory_format(kLayout));
    const std::vector<float> taps = packed(conv, weight);
    const float* const from = x.const_data_ptr<float>();
    float* const to = y.mutable_data_ptr<float>();
    for_row_runs(conv, x.size(0), [&](std::int64_t, std::int64_t image, std::int64_t first, std::int64_t end) {
      for (std::int64_t row = first; row < end; ++row) {
        depthwise_row(conv, from + image * conv.height * conv.line(), row, taps.data(),
                      to + (image * conv.out_height + row) * conv.out_line());
      }
    });
    return y.to(given.scalar_type());
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const std::vector<std::int64_t> window = context->saved_data["window"].toIntVector();
    const Depthwise conv = sizes_of(saved[0], saved[1], window[0], {window[1], window[2]});
    const auto wide = [](const at::Tensor& tensor) { return tensor.to(at::kFloat); };
    const Gradients out = gradients_of(conv, wide(saved[0]), wide(saved[1]), wide(gradients[0]).contiguous(kLayout),
                                       context->needs_input_grad(0), context->needs_input_grad(1));
    const auto as = [](const at::Tensor& tensor, const at::Tensor& like) {
      return tensor.defined() ? tensor.to(like.scalar_type()) : tensor;
    };
    return {as(out.input, saved[0]), as(out.weight, saved[1]), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

const char* depthwise_misfit(const graph::Conv2d& op, const at::Tensor& x) {
  constexpr graph::Pair kOne{1, 1}, kTwo{2, 2}, kThree{3, 3}, kFive{5, 5};
  if (op.groups != op.in || op.in != op.out) return "not one channel a group";
  const bool size = op.kernel == kThree || op.kernel == kFive, stride = op.stride == kOne || op.stride == kTwo;
  const bool inside = op.padding[0] < op.kernel[0] && op.padding[1] < op.kernel[1] && op.dilation == kOne;
  if (!inside || !size || !stride) return "not 3 x 3 nor 5 x 5 with stride 1 or 2";
  if (op.bias != graph::kNoParam) return "with a bias";
  if (const char* misfit = image_misfit(x, kDepthwiseLanes, true)) return misfit;
  return x.numel() < kFewValues ? "few values" : nullptr;
}

at::Tensor depthwise(const at::Tensor& x, const at::Tensor& weight, graph::Pair stride, graph::Pair padding) {
  check(image_misfit(x, kDepthwiseLanes, true) == nullptr, "a convolution's steps were decided for another layout");
  return DepthwiseConv::apply(x, weight, stride[0], padding);
}

}  // namespace springbok::engine
