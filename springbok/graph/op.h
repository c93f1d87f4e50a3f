// The ops: plain structs, one variant. A consumer visits them all; a new op that it does not know fails to compile.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "springbok/base/overload.h"
#include "springbok/graph/op_fit.h"
#include "springbok/graph/op_size.h"
#include "springbok/graph/op_trick.h"
#include "springbok/graph/op_types.h"

namespace springbok::graph {

/// The network's input, (N,C,H,W).
struct Input {
  std::int64_t channels = 3;
};

/// Convolution, (N,in,H,W) -> (N,out,H',W'). Weight (out, in/groups, kh, kw).
struct Conv2d {
  ParamId weight = kNoParam, bias = kNoParam;
  std::int64_t in = 0, out = 0;
  Pair kernel{1, 1}, stride{1, 1}, padding{0, 0}, dilation{1, 1};
  std::int64_t groups = 1;
};

/// Transposed convolution, (N,in,H,W) -> (N,out,(H-1)*stride - 2*padding + kh, ...): the gradient of a convolution with
/// respect to its input (Zeiler et al. 2010). Weight (in, out/groups, kh, kw), no bias.
struct ConvTranspose2d {
  ParamId weight = kNoParam;
  std::int64_t in = 0, out = 0;
  Pair kernel{1, 1}, stride{1, 1}, padding{0, 0};
  std::int64_t groups = 1;
};

/// Whose statistics a batch normalisation takes in training: the batch's, or those of all ranks' batches (one rank is
/// the same as `batch`). Or, as in evaluation, the running ones, which then stay as they are.
enum class NormKind : std::uint8_t { batch, sync, frozen };

/// Batch normalisation (Ioffe and Szegedy 2015) over (N,H,W) per channel. Training uses the batch's statistics and
/// moves the running ones by `momentum`; the running variance is the unbiased one. Weight and bias may both be missing.
struct Norm {
  ParamId weight = kNoParam, bias = kNoParam, mean = kNoParam, var = kNoParam, tracked = kNoParam;
  std::int64_t channels = 0;
  double eps = 1e-5, momentum = 0.1;
  NormKind kind = NormKind::batch;
};

/// Fully connected, (N,in) -> (N,out). Weight (out,in).
struct Linear {
  ParamId weight = kNoParam, bias = kNoParam;
  std::int64_t in = 0, out = 0;
};

enum class Act : std::uint8_t {
  relu,
  relu6,
  sigmoid,
  silu,
  hardswish,
  hardsigmoid,
  gelu,         ///< x Phi(x), the exact form (Hendrycks and Gimpel 2016)
  mish,         ///< x tanh(softplus(x)) (Misra 2019)
  elu,          ///< x, below 0 exp(x) - 1 (Clevert et al. 2016)
  leaky_relu,   ///< x, below 0 x / 100 (Maas et al. 2013)
  scaled_swish  ///< x sigmoid(beta x) (Ramachandran et al. 2017); with beta 1.702 the quick form of GELU
};

/// Elementwise activation.
struct Activation {
  Act kind = Act::relu;
  double beta = 1;  ///< of scaled_swish
};

/// x, below 0 weight * x, with one learned weight (1) (He et al. 2015, sec. 2.1, channel-shared).
struct PRelu {
  ParamId weight = kNoParam;
};

enum class PoolKind : std::uint8_t { max, average };

/// Pooling over windows. With `ceil` the last window may reach past the right padding, as ATen's ceil_mode.
struct Pool2d {
  PoolKind kind = PoolKind::max;
  Pair kernel{2, 2}, stride{2, 2}, padding{0, 0};
  bool ceil = false;
  bool count_include_pad = true;
};

/// Mean over H and W, (N,C,H,W) -> (N,C,1,1).
struct GlobalPool {};

/// (N,C,H,W) -> (N,C*H*W); the graph knows the width only when H = W = 1.
struct Flatten {};

/// Elementwise sum of two values of one shape.
struct Add {};

/// (N,C,H,W) times a gate (N,C,1,1): squeeze-and-excitation (Hu et al. 2018, eq. 4).
struct Gate {};

/// Concatenation along channels.
struct Concat {};

/// log(softmax) over channels.
struct LogSoftmax {};

/// Parameter-free shortcut (He et al. 2016, sec. 4.2, option A): every `stride`-th pixel, zero channels appended evenly
/// on both sides up to `out` channels.
struct PadChannels {
  std::int64_t stride = 1;
  std::int64_t in = 0, out = 0;
};

/// EvoNorm-B0 (Liu et al. 2020, table 2), norm and activation in one: x / max(batch std, v x + instance std) * weight +
/// bias, variances unbiased. Training uses the batch's variance and moves the running one by `momentum`. Parameters
/// and buffer are (1,C,1,1).
struct EvoNorm {
  ParamId weight = kNoParam, bias = kNoParam, v = kNoParam, var = kNoParam;
  std::int64_t channels = 0;
  double eps = 1e-5, momentum = 0.1;
};

/// Dropout of whole elements with probability p in training, identity otherwise. The stream is named by the node's
/// path.
struct Dropout {
  double p = 0.5;
};

using Op = std::variant<Input, Conv2d, ConvTranspose2d, Norm, Linear, Activation, Pool2d, GlobalPool, Flatten, Add,
                        Gate, Concat, PadEven, Upsample, CropLike, UpsampleLike, Halve, Restore, WholeCells, Trim,
                        LogSoftmax, PadChannels, Dropout, AdaptivePool, PadSame, SliceChannels, ShuffleChannels,
                        RadixSoftmax, UpsampleNearest, EvoNorm, SwitchNorm, InstanceNorm, ChannelScale, DropPath,
                        DropBlock, LipPool, DeformConv2d, Lambda, PRelu, GroupNorm>;

/// `conv2d`, `norm`, ... as printed and as `docs/ops.md` lists them.
std::string name_of(const Op& op);

/// The attributes worth printing: `3x3, 64 -> 128, stride 2, groups 32`.
std::string describe(const Op& op);

}  // namespace springbok::graph
