// New values by another source's rule than the network's own.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "springbok/graph/graph.h"

namespace springbok::graph {

/// Whose rule fills convolutions and linear layers.
///
///     published     as the network's source builds it
///     pytorch       uniform in +-1/sqrt(fan_in), biases too
///     resnet        convolutions normal, std sqrt(2 / fan_out); linear layers, and biases, as pytorch
///     kaiming       std gain / sqrt(fan)
///     xavier        std sqrt(2 / (fan_in + fan_out))
///     msra_prelu    normal, std sqrt(2 / (1 + slope^2) / ((fan_in + fan_out) / 2))
///     trunc_normal  normal of `std`, cut at +-2
///
/// The last four start biases at 0.
///
/// Sources: torch.nn's constructors; the ResNets of torchvision and Elastic; torch-toolbox's KaimingInitializer (which
/// ModelZoo's script runs on every network), XavierInitializer (whose gain it never uses), MSRAPrelu and
/// TruncNormInitializer.
///
/// A fan counts the weight's own numbers, as torch.nn.init does: fan_in is those that one output reads, and fan_out is
/// outputs times kernel, not divided by the groups. kaiming's gain is sqrt(2 / (1 + slope^2)): He et al. 2015, eq. 10
/// and 14. All but `published` leave transposed convolutions, norms and what else there is as they are, and weights
/// that start at 0 on purpose (LIP, offsets of deformable convolutions).
enum class InitRule : std::uint8_t { published, pytorch, resnet, kaiming, xavier, msra_prelu, trunc_normal };
/// As users name them, in the order above; kaiming is `modelzoo`.
const std::vector<std::string>& init_rules();

enum class Fan : std::uint8_t { out, in };
const std::vector<std::string>& fan_names();
enum class Draw : std::uint8_t { normal, uniform };
const std::vector<std::string>& draw_names();

struct InitScheme {
  InitRule rule = InitRule::published;
  Fan fan = Fan::out;        ///< of kaiming
  Draw draw = Draw::normal;  ///< of kaiming and xavier
  double slope = 0;          ///< of the activation below 0: kaiming and msra_prelu
  double std = 1;            ///< of trunc_normal
};

/// How one tensor is filled.
struct Filling {
  Init init = Init::zeros;
  double scale = 1;
};

/// A weight (out, in / groups, ...) of a convolution, or (out, in) of a linear layer. Throws Error for `published`,
/// which no shape tells.
Filling weight_filling(const InitScheme& scheme, const Shape& shape, bool linear);
/// The bias beside it.
Filling bias_filling(const InitScheme& scheme, const Shape& weight);

/// Fills the graph's convolutions and linear layers so, those that are declared and never run too.
void refill(Graph& graph, const InitScheme& scheme);

}  // namespace springbok::graph
