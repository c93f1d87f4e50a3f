// The sum of Elastic's two branches as one op under autograd: the low-resolution one doubled, cut and added.
#pragma once

#include <ATen/core/Tensor.h>

namespace springbok::engine {

/// Why `upsample_add` does not take these, null where it does. It takes channels-last images on the CPU, both float or
/// both bfloat16, with a multiple of 8 channels, `low` at least half as high and wide as `high`. What it does not take
/// goes to ATen's ops, one by one.
const char* upsample_add_misfit(const at::Tensor& low, const at::Tensor& high);

/// high + upsample(low, 2), bilinear with align_corners = false, cut to the size of `high`: what
/// at::upsample_bilinear2d, narrow and at::add give, without the doubled image in memory. (N,C,h,w), (N,C,H,W) ->
/// (N,C,H,W).
at::Tensor upsample_add(const at::Tensor& low, const at::Tensor& high);

}  // namespace springbok::engine
