// Training tricks as rewrites: each takes any finished network and returns how many places it changed.
#pragma once

#include <cstdint>

#include "springbok/graph/graph.h"

namespace springbok::graph {

/// Every ReLU, ReLU6, swish (silu) and h-swish becomes `kind`; gates (sigmoids) stay.
int replace_activations(Graph& graph, const Activation& kind);

/// They become PReLUs, each with one learned slope below 0. The i-th has the key `prelu.i.weight`.
int learn_slopes(Graph& graph);

/// Batch norms take other statistics; `frozen` ones no longer train their weight and bias either.
int replace_norms(Graph& graph, NormKind kind);

/// Batch norms over more than one pixel, at this input shape, become switchable norms.
int switch_norms(Graph& graph, const Shape& input, SwitchForm form);

/// Batch norms become group norms of 32 groups, or of the largest number below that divides their channels (Wu and He
/// 2018, sec. 4.1).
int group_norms(Graph& graph);

/// Batch norms over more than one pixel, at this input shape, become EvoNorm-B0, with the activation that alone reads
/// them in one op. A norm without one keeps its weight and bias only, as timm's `apply_act = False` has it.
int evo_norms(Graph& graph, const Shape& input);

/// The way back: every EvoNorm becomes a batch norm and a ReLU.
int plain_norms(Graph& graph);

/// The norm `bn3` that ends a residual block's branch, before the sum, starts at 0: torch-toolbox's ZeroLastGamma for
/// classes called Bottleneck. An activation follows the sum, unlike MobileNet's.
int zero_bottleneck_norms(Graph& graph);

/// Drops residual branches: the l-th of L blocks with probability p l / L (Huang et al. 2016, eq. 4).
int add_drop_path(Graph& graph, double p);

/// DropBlock behind every norm of the residual blocks of the last two resolutions: probability p in the last, p / 4 in
/// the one before (Ghiasi et al. 2018, sec. 4.1). `input` is a shape to tell resolutions by. In the forms of
/// torch-toolbox and ModelZoo it is p in both. There the last norm of branch and shortcut has none behind it, but their
/// sum has (ModelZoo, models/resnet.py).
int add_drop_block(Graph& graph, const Shape& input, const DropBlock& options);

/// Every max pooling whose stride is above 1 becomes local importance pooling with the simplified logits (Gao et al.
/// 2019, sec. 3.4). These are a 3x3 convolution that starts at 0 and an instance norm. The i-th has keys `lip.i.logit`.
/// With a `width` it has the bottleneck logits (sec. 3.4): 1x1 and 3x3 convolutions of so many channels, keys
/// `lip.i.shared.logit`, then a 1x1 that starts at 0, `lip.i.lip.postprocessing`.
int replace_max_pools(Graph& graph, std::int64_t width = 0);

/// 3x3 convolutions become modulated deformable ones (Zhu et al. 2019, sec. 3.1). These are those with more than one
/// channel a group, whose output is at most an eighth of `input` in height. Offsets and mask come from a convolution
/// `conv_offset` that starts at 0.
int replace_convs(Graph& graph, const Shape& input);

}  // namespace springbok::graph
