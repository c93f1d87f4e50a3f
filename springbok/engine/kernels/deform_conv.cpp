// Modulated deformable convolution: bilinear reads as four gathers, then one product. Autograd has the gradients.
#include "springbok/engine/kernels/deform_conv.h"

#include <ATen/Functions.h>

namespace springbok::engine {
namespace {

/// Where the taps read along one axis: (K,H',W') without the offsets. `other` is the size of the other axis.
at::Tensor grid(const graph::DeformConv2d& op, std::size_t axis, const at::Tensor& offset) {
  const auto options = offset.options().requires_grad(false);
  const auto at_axis = static_cast<std::int64_t>(axis);
  const at::Tensor starts = at::arange(offset.size(2 + at_axis), options).mul(op.stride[axis]).sub(op.padding[axis]);
  const at::Tensor taps = at::arange(op.kernel[axis], options).mul(op.dilation[axis]);
  at::Tensor places = axis == 0 ? taps.view({-1, 1, 1, 1}).add(starts.view({-1, 1}))
                                : taps.view({1, -1, 1, 1}).add(starts.view({1, -1}));
  return places.expand({op.kernel[0], op.kernel[1], offset.size(2), offset.size(3)})
      .reshape({-1, offset.size(2), offset.size(3)});
}

/// Reads x (N,C,H,W) at rows and columns (N,K,H',W'), bilinearly and zero outside -> (N,C,K*H'*W').
at::Tensor read(const at::Tensor& x, const at::Tensor& rows, const at::Tensor& columns) {
  const std::int64_t height = x.size(2), width = x.size(3);
  const at::Tensor top = rows.detach().floor(), left = columns.detach().floor();
  const at::Tensor low = at::sub(rows, top), right = at::sub(columns, left);
  const at::Tensor flat = x.flatten(2);
  at::Tensor sum;
  for (const bool below : {false, true}) {
    for (const bool beside : {false, true}) {
      const at::Tensor y = top.add(below ? 1 : 0), at_x = left.add(beside ? 1 : 0);
      const at::Tensor inside = y.ge(0).logical_and(y.lt(height)).logical_and(at_x.ge(0)).logical_and(at_x.lt(width));
      const at::Tensor index = y.clamp(0, height - 1).mul(width).add(at_x.clamp(0, width - 1)).to(at::kLong).flatten(1);
      const at::Tensor share = at::mul(below ? low : low.neg().add(1), beside ? right : right.neg().add(1)).mul(inside);
      const at::Tensor values = flat.gather(2, index.unsqueeze(1).expand({x.size(0), x.size(1), index.size(1)}));
      const at::Tensor part = values.mul(share.flatten(1).unsqueeze(1));
      sum = sum.defined() ? sum.add(part) : part;
    }
  }
  return sum;
}

}  // namespace

at::Tensor deform_conv(const graph::DeformConv2d& op, const at::Tensor& x, const at::Tensor& offset,
                       const at::Tensor& mask, const at::Tensor& weight, const std::optional<at::Tensor>& bias) {
  const std::int64_t samples = x.size(0), taps = mask.size(1), height = mask.size(2), width = mask.size(3);
  const at::Tensor moved = offset.view({samples, taps, 2, height, width});
  const at::Tensor columns =
      read(x, moved.select(2, 0).add(grid(op, 0, offset)), moved.select(2, 1).add(grid(op, 1, offset)))
          .mul(mask.flatten(1).unsqueeze(1));
  const at::Tensor grouped = columns.view({samples, op.groups, op.in / op.groups * taps, height * width});
  const at::Tensor kernels = weight.reshape({1, op.groups, op.out / op.groups, op.in / op.groups * taps});
  const at::Tensor y = at::matmul(kernels, grouped).view({samples, op.out, height, width});
  return bias ? y.add(bias->view({1, op.out, 1, 1})) : y;
}

}  // namespace springbok::engine
