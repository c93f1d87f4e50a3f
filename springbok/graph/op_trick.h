// The ops of the training tricks (norms, pooling, noise, sampling) and of LambdaNetworks.
#pragma once

#include <cstdint>

#include "springbok/graph/op_types.h"

namespace springbok::graph {

/// Whose variances: the authors' program makes the layer's and the batch's of the instances' unbiased ones (var +
/// mean^2, averaged, less the mean's square); torch-toolbox takes all three by themselves, unbiased.
enum class SwitchForm : std::uint8_t { paper, toolbox };

/// Switchable normalisation (Luo et al. 2019, eq. 3). Mean and variance are sums of the instance's, the layer's and the
/// batch's, weighted by a softmax over `mean_weight` and `var_weight`, (3) each. Training moves the running batch
/// statistics by `momentum`.
struct SwitchNorm {
  ParamId weight = kNoParam, bias = kNoParam, mean_weight = kNoParam, var_weight = kNoParam, mean = kNoParam,
          var = kNoParam;
  std::int64_t channels = 0;
  double eps = 1e-5, momentum = 0.1;
  SwitchForm form = SwitchForm::paper;
};

/// Normalisation of each sample over (H,W) and the channels of each of `groups` equal groups (Wu and He 2018, eq. 7),
/// with a weight and a bias.
struct GroupNorm {
  ParamId weight = kNoParam, bias = kNoParam;
  std::int64_t channels = 0, groups = 32;
  double eps = 1e-5;
};

/// Normalisation of each sample's channel over (H,W) (Ulyanov et al. 2016), with a weight and a bias.
struct InstanceNorm {
  ParamId weight = kNoParam, bias = kNoParam;
  std::int64_t channels = 0;
  double eps = 1e-5;
};

/// x * weight + bias, channel by channel: what is left of an EvoNorm where no activation follows. Both are (1,C,1,1).
struct ChannelScale {
  ParamId weight = kNoParam, bias = kNoParam;
  std::int64_t channels = 0;
};

/// Stochastic depth (Huang et al. 2016, sec. 3) of one branch: in training each sample is zeroed with probability p and
/// otherwise scaled by 1 / (1 - p); identity in evaluation. The stream is named by the node's path.
struct DropPath {
  double p = 0.1;
};

/// Whose DropBlock. `paper`: blocks lie within the map, alg. 1. The others draw the centres of blocks anywhere, cut the
/// blocks at the border, and take a rate with h * b + 1 for h - b + 1. torch-toolbox draws for each sample, ModelZoo
/// once for a batch. Both need an odd block.
enum class DropBlockForm : std::uint8_t { paper, toolbox, modelzoo };

/// DropBlock (Ghiasi et al. 2018, alg. 1): in training squares of `block` x `block` are zeroed, so many that about p of
/// the map is. The rest is scaled to keep the sum of the mask. Identity in evaluation.
struct DropBlock {
  double p = 0.1;
  std::int64_t block = 7;
  DropBlockForm form = DropBlockForm::paper;
};

/// Local importance pooling (Gao et al. 2019, eq. 2) of the first input: the mean over each window, weighted by
/// exp(coefficient * second input). Both inputs have one shape.
struct LipPool {
  Pair kernel{3, 3}, stride{2, 2}, padding{1, 1};
  double coefficient = 12;
};

/// Modulated deformable convolution (Zhu et al. 2019, eq. 1): tap k of every pixel reads the first input, bilinearly
/// and zero outside, moved by channels 2k (rows) and 2k + 1 (columns) of the second, times channel k of the third.
/// Weight (out, in/groups, kh, kw).
struct DeformConv2d {
  ParamId weight = kNoParam, bias = kNoParam;
  std::int64_t in = 0, out = 0;
  Pair kernel{3, 3}, stride{1, 1}, padding{1, 1}, dilation{1, 1};
  std::int64_t groups = 1;
};

/// Lambda layer (Bello 2021, eq. 1 and 2, fig. 3): queries (N,heads*depth,H,W), keys (N,depth,H,W), values (N,V,H,W) ->
/// (N,heads*V,H,W). Each query reads, by a product over `depth`, two summaries. The content's is of the whole map (keys
/// normalised over it by softmax), its position's of the reach x reach values around. Weight (depth,1,1,reach,reach)
/// and bias (depth) make the latter.
struct Lambda {
  ParamId weight = kNoParam, bias = kNoParam;
  std::int64_t heads = 4, depth = 16, reach = 23;
};

}  // namespace springbok::graph
