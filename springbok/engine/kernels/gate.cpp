// Squeeze-and-excitation's mean and product as ops under autograd.
#include "springbok/engine/kernels/gate.h"

#include <ATen/Parallel.h>
#include <ATen/ops/adaptive_avg_pool2d.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/mul.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <vector>

#include "springbok/base/error.h"
#include "springbok/engine/kernels/gate_kernels.h"
#include "springbok/engine/kernels/misfit.h"

namespace springbok::engine {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr auto kLayout = at::MemoryFormat::ChannelsLast;
constexpr std::int64_t kFewValues = 1 << 18;
constexpr std::int64_t kPixelsATask = 512;  // fixed, so that sums are the same for any threads

class MapMeans : public torch::autograd::Function<MapMeans> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x) {
    context->saved_data["sizes"] = x.sizes().vec();
    return at::adaptive_avg_pool2d(x, {1, 1});
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const std::vector<std::int64_t> sizes = context->saved_data["sizes"].toIntVector();
    return {gradients[0].div(sizes[2] * sizes[3]).expand(sizes)};
  }
};

struct Gradients {
  at::Tensor x, factor;
};

Gradients gradients_of(const at::Tensor& x, const at::Tensor& factor, const at::Tensor& gradient) {
  const std::int64_t channels = x.size(1), pixels = x.size(2) * x.size(3), images = x.size(0);
  const std::int64_t tasks = (pixels + kPixelsATask - 1) / kPixelsATask;
  std::vector<float> parts(static_cast<std::size_t>(images * tasks * channels));
  Gradients out{at::empty_like(x), at::empty_like(factor, at::MemoryFormat::Contiguous)};
  const float *const given = gradient.const_data_ptr<float>(), *const from = x.const_data_ptr<float>();
  const at::Tensor factors = factor.contiguous();
  const float* const scale = factors.const_data_ptr<float>();
  float* const to = out.x.mutable_data_ptr<float>();
  at::parallel_for(0, images * tasks, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t image = i / tasks, first = i % tasks * kPixelsATask;
      const std::int64_t rows = std::min(kPixelsATask, pixels - first), at = (image * pixels + first) * channels;
      gate_gradients(given + at, from + at, scale + image * channels, rows, channels, to + at,
                     parts.data() + i * channels);
    }
  });
  float* const sums = out.factor.mutable_data_ptr<float>();
  for (std::int64_t i = 0; i < images * channels; ++i) {
    const float* const part = parts.data() + i / channels * tasks * channels + i % channels;
    double sum = 0;
    for (std::int64_t task = 0; task < tasks; ++task) sum += part[task * channels];
    sums[i] = static_cast<float>(sum);
  }
  return out;
}

class Gating : public torch::autograd::Function<Gating> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& factor) {
    context->save_for_backward({x, factor});
    return at::mul(x, factor);
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const Gradients out = gradients_of(saved[0], saved[1], gradients[0].contiguous(kLayout));
    return {out.x, out.factor};
  }
};

}  // namespace

at::Tensor map_means(const at::Tensor& x) {
  return MapMeans::apply(x);
}

const char* gate_misfit(const at::Tensor& x, const at::Tensor& factor) {
  if (const char* misfit = image_misfit(x, kGateLanes)) return misfit;
  if (factor.scalar_type() != x.scalar_type()) return "its inputs are of two types";
  const bool one = factor.dim() == 4 && factor.size(0) == x.size(0) && factor.size(1) == x.size(1) &&
                   factor.size(2) == 1 && factor.size(3) == 1;
  if (!one) return "not one factor a channel";
  return x.numel() < kFewValues ? "few values" : nullptr;
}

at::Tensor gate(const at::Tensor& x, const at::Tensor& factor) {
  const bool fits = image_misfit(x, kGateLanes) == nullptr && factor.numel() == x.size(0) * x.size(1);
  check(fits, "a product's steps were decided for another layout");
  return Gating::apply(x, factor);
}

}  // namespace springbok::engine
