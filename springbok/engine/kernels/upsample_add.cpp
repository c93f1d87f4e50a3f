// The sum of Elastic's two branches as one op under autograd.
#include "springbok/engine/kernels/upsample_add.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <torch/csrc/autograd/custom_function.h>

#include <vector>

#include "springbok/base/error.h"
#include "springbok/engine/kernels/misfit.h"
#include "springbok/engine/kernels/norm_kernels.h"
#include "springbok/engine/kernels/upsample_kernels.h"

namespace springbok::engine {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr auto kLayout = at::MemoryFormat::ChannelsLast;

Extent extent_of(at::IntArrayRef sizes) {
  return {sizes[2], sizes[3], sizes[1]};
}

std::int64_t values(const Extent& extent) {
  return extent.height * extent.width * extent.channels;
}

/// Calls `work(image, row, scratch)` for each row of each image; `scratch` holds `most` values.
template <class Work>
void for_rows(std::int64_t images, std::int64_t height, std::int64_t most, const Work& work) {
  at::parallel_for(0, images * height, 4, [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> scratch(static_cast<std::size_t>(most));
    for (std::int64_t i = begin; i < end; ++i) work(i / height, i % height, scratch.data());
  });
}

class UpsampleAdd : public torch::autograd::Function<UpsampleAdd> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& low, const at::Tensor& high) {
    const Extent small = extent_of(low.sizes()), large = extent_of(high.sizes());
    const at::Tensor wide_low = low.to(at::kFloat), wide_high = high.to(at::kFloat);
    at::Tensor y = at::empty_like(wide_high);
    const float *const from = wide_low.const_data_ptr<float>(), *const more = wide_high.const_data_ptr<float>();
    float* const to = y.mutable_data_ptr<float>();
    const std::int64_t line = large.width * large.channels;
    for_rows(high.size(0), large.height, small.width * small.channels,
             [&](std::int64_t image, std::int64_t row, float* scratch) {
               const std::int64_t at = image * values(large) + row * line;
               add_upsampled_row(from + image * values(small), small, row, more + at, large.width, scratch, to + at);
             });
    context->saved_data["low"] = low.sizes().vec();
    return y.to(high.scalar_type());
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const std::vector<std::int64_t> shape = context->saved_data["low"].toIntVector();
    const at::Tensor gradient = gradients[0].contiguous(kLayout), wide = gradient.to(at::kFloat);
    const Extent small = extent_of(shape), large = extent_of(gradient.sizes());
    at::Tensor low = at::empty(shape, wide.options().memory_format(kLayout));
    const float* const from = wide.const_data_ptr<float>();
    float* const to = low.mutable_data_ptr<float>();
    for_rows(shape[0], small.height, large.width * large.channels,
             [&](std::int64_t image, std::int64_t row, float* scratch) {
               upsampled_gradient_row(from + image * values(large), large, row, small, scratch,
                                      to + image * values(small) + row * small.width * small.channels);
             });
    return {low.to(gradient.scalar_type()), gradient};
  }
};

}  // namespace

const char* upsample_add_misfit(const at::Tensor& low, const at::Tensor& high) {
  for (const at::Tensor* x : {&low, &high}) {
    if (const char* misfit = image_misfit(*x, kNormLanes, true)) return misfit;
  }
  if (low.scalar_type() != high.scalar_type()) return "of two types";
  const bool covers = low.size(0) == high.size(0) && low.size(1) == high.size(1) && 2 * low.size(2) >= high.size(2) &&
                      2 * low.size(3) >= high.size(3);
  return covers ? nullptr : "the doubled map does not cover the other";
}

at::Tensor upsample_add(const at::Tensor& low, const at::Tensor& high) {
  check(upsample_add_misfit(low, high) == nullptr, "an upsampling's steps were decided for another layout");
  return UpsampleAdd::apply(low, high);
}

}  // namespace springbok::engine
