// Plain convolutions as one op under autograd: LibTorch's, but for the weights' gradient.
#include "springbok/engine/kernels/conv_weights.h"

#include <ATen/Parallel.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/convolution_backward.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <vector>

#include "springbok/base/error.h"
#include "springbok/engine/kernels/conv_weights_kernels.h"
#include "springbok/engine/kernels/misfit.h"

namespace springbok::engine {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr auto kLayout = at::MemoryFormat::ChannelsLast;
constexpr graph::Pair kOne{1, 1};
constexpr std::int64_t kFewProducts = 1 << 25;
constexpr std::int64_t kMostDilated = 1 << 13;     // pixels of a map: 512 KiB for each panel of channels
constexpr std::int64_t kLanes = 8;                 // of which channels going in are a multiple
constexpr std::int64_t kMostParts = 4;             // of the output's rows, each with sums of its own
constexpr std::int64_t kMostPartValues = 1 << 20;  // in all parts together, unless one has more

/// Stride, padding and dilation.
struct Taps {
  graph::Pair stride, padding, dilation;
};

ConvSizes sizes_of(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& gradient, const Taps& taps) {
  return {.images = x.size(0),
          .height = x.size(2),
          .width = x.size(3),
          .in = x.size(1),
          .out_height = gradient.size(2),
          .out_width = gradient.size(3),
          .out = gradient.size(1),
          .kernel = {weight.size(2), weight.size(3)},
          .stride = {taps.stride[0], taps.stride[1]},
          .padding = {taps.padding[0], taps.padding[1]},
          .dilation = {taps.dilation[0], taps.dilation[1]}};
}

/// Adds the parts up, into weights as they lie in memory: (out, tap, in).
void add_parts(const ConvSizes& conv, std::int64_t parts, const float* panels, float* weight) {
  const std::int64_t taps = conv.taps(), size = conv.in_panels() * conv.panel_values();
  at::parallel_for(0, conv.out * taps, 64, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t out = i / taps, tap = i % taps;
      const std::int64_t tile = ((out / kTileOuts * taps + tap) * kTileOuts + out % kTileOuts) * kTileIns;
      for (std::int64_t in = 0; in < conv.in; in += kTileIns) {
        const float* const from = panels + in / kTileIns * conv.panel_values() + tile;
        float sums[kTileIns];
        std::copy_n(from, kTileIns, sums);
        for (std::int64_t part = 1; part < parts; ++part) {
          for (std::int64_t c = 0; c < kTileIns; ++c) sums[c] += from[part * size + c];
        }
        std::copy_n(sums, std::min(kTileIns, conv.in - in), weight + i * conv.in + in);
      }
    }
  });
}

/// How many parts there are depends on the sizes alone, since each has sums of its own; how the channels are shared out
/// changes no sum.
at::Tensor weight_gradient(const ConvSizes& conv, const at::Tensor& x, const at::Tensor& gradient,
                           const at::Tensor& weight) {
  const std::int64_t size = conv.in_panels() * conv.panel_values();
  const std::int64_t parts = std::clamp(kMostPartValues / size, std::int64_t{1}, std::min(kMostParts, conv.rows()));
  const std::int64_t tasks = std::max<std::int64_t>(kMostParts, 2 * at::get_num_threads());
  const std::int64_t slices = std::min((tasks + parts - 1) / parts, conv.in_panels());
  const at::Tensor sums = at::empty({parts * size}, x.options());
  const float *const from = x.const_data_ptr<float>(), *const given = gradient.const_data_ptr<float>();
  float* const to = sums.mutable_data_ptr<float>();
  at::parallel_for(0, parts * slices, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t part = i / slices, slice = i % slices, rows = conv.rows(), panels = conv.in_panels();
      const ConvTask task{.first = rows * part / parts,
                          .end = rows * (part + 1) / parts,
                          .panel = panels * slice / slices,
                          .panel_end = panels * (slice + 1) / slices};
      conv_weights(conv, task, from, given, to + part * size + task.panel * conv.panel_values());
    }
  });
  at::Tensor out = at::empty_like(weight);
  add_parts(conv, parts, to, out.mutable_data_ptr<float>());
  return out;
}

class Conv : public torch::autograd::Function<Conv> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight, const Taps& taps) {
    context->save_for_backward({x, weight});
    const auto& [stride, padding, dilation] = taps;
    context->saved_data["taps"] =
        std::vector<std::int64_t>{stride[0], stride[1], padding[0], padding[1], dilation[0], dilation[1]};
    return at::conv2d(x, weight, {}, stride, padding, dilation);
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const std::vector<std::int64_t> kept = context->saved_data["taps"].toIntVector();
    const Taps taps{{kept[0], kept[1]}, {kept[2], kept[3]}, {kept[4], kept[5]}};
    constexpr graph::Pair kNone{0, 0};
    const at::Tensor &x = saved[0], &weight = saved[1], gradient = gradients[0].contiguous(kLayout);
    at::Tensor of_x, of_weight;
    if (context->needs_input_grad(0)) {
      of_x = std::get<0>(at::convolution_backward(gradient, x, weight, at::OptionalIntArrayRef(), taps.stride,
                                                  taps.padding, taps.dilation, false, kNone, 1, {true, false, false}));
    }
    if (context->needs_input_grad(1)) {
      of_weight = weight_gradient(sizes_of(x, weight, gradient, taps), x, gradient, weight);
    }
    return {of_x, of_weight, at::Tensor()};
  }
};

const char* layout_misfit(const at::Tensor& x, const at::Tensor& weight) {
  if (const char* misfit = image_misfit(x, kLanes)) return misfit;
  return weight.is_contiguous(kLayout) ? nullptr : "its weight is not channels last";
}

}  // namespace

const char* conv_weights_misfit(const graph::Conv2d& op, const at::Tensor& x, const at::Tensor& weight) {
  if (op.groups != 1) return "several groups";
  const bool dilated = op.dilation != kOne;
  if (dilated && op.stride != kOne) return "dilated, with a stride";
  if (op.bias != graph::kNoParam) return "with a bias";
  if (const char* misfit = layout_misfit(x, weight)) return misfit;
  std::int64_t products = x.size(0) * op.in * op.out;
  for (std::size_t i = 0; i < 2; ++i) {
    const auto dim = static_cast<std::int64_t>(i) + 2;
    const std::int64_t reach = op.dilation[i] * (op.kernel[i] - 1) + 1;
    products *= op.kernel[i] * ((x.size(dim) + 2 * op.padding[i] - reach) / op.stride[i] + 1);
  }
  if (dilated && x.size(2) * x.size(3) > kMostDilated) return "dilated, over large maps";
  return products < kFewProducts ? "few products" : nullptr;
}

at::Tensor conv_with_weights(const at::Tensor& x, const at::Tensor& weight, graph::Pair stride, graph::Pair padding,
                             graph::Pair dilation) {
  check(layout_misfit(x, weight) == nullptr, "a convolution's steps were decided for another layout");
  return Conv::apply(x, weight, Taps{stride, padding, dilation});
}

}  // namespace springbok::engine
