// A dense block in training: its features lie in one memory, each layer's behind those before, and its norms read them
// there. So nothing is concatenated, and what backward keeps grows with the layers, not with their square.
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "springbok/base/indexed.h"
#include "springbok/engine/kernels/norm_relu.h"
#include "springbok/engine/kernels/rows.h"

namespace springbok::engine {

/// The features of one block in one pass, and in backward their gradient.
struct DenseBlock final : torch::CustomClassHolder {
  at::Tensor values;                  ///< (N, all channels, H, W) channels last, of which the first `moments` are there
  Moments moments;                    ///< of each channel; all norms that read it share them
  at::Tensor gradient;                ///< as `values`, what norms and others sent so far; undefined before the first
  std::vector<double> slope, offset;  ///< a channel's gradient gains (x - mean) slope + offset when all have sent
};

using DensePtr = c10::intrusive_ptr<DenseBlock>;
using DenseBlocks = Indexed<DensePtr>;  ///< by node: the block whose first channels are the node's value, or null

/// Why `append` does not take these as a block's first two maps; null where it does.
const char* append_misfit(const at::Tensor& before, const at::Tensor& more);

/// A block that will have so many channels in maps of this size.
DensePtr begin_block(const at::Tensor& first, std::int64_t channels);

/// `more` (N,C,H,W) put behind what the block holds, and the whole as one value: the first channels of the block's
/// memory. `before` is the value so far; into an empty block it is put first. All further values of the block begin
/// with this one. A value may be read by any op; the gradients of norm_relu_first and norm_conv_first take no memory of
/// their own.
at::Tensor append(const DensePtr& block, const at::Tensor& before, const at::Tensor& more);

/// relu(batch_norm(x)) of a value of the block, as norm_relu has it, from the block's memory and moments.
at::Tensor norm_relu_first(const DensePtr& block, const at::Tensor& x, const NormState& norm);

/// A convolution without bias.
struct ConvState {
  at::Tensor weight;
  std::vector<std::int64_t> stride, padding, dilation;
};

/// conv(relu(batch_norm(x))) of a value of the block. What the convolution reads is not kept, but made again in
/// backward, in the pass over memory that sums the norm's gradients.
at::Tensor norm_conv_first(const DensePtr& block, const at::Tensor& x, const NormState& norm, const ConvState& conv);

}  // namespace springbok::engine
