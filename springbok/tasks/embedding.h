// Losses of embeddings and of regressions: circle, centre, ring, L0.
#pragma once

#include <ATen/core/Tensor.h>

namespace springbok::tasks {

/// Circle loss over pairs (Sun et al. 2020, eq. 6), the mean over the rows as anchors:
/// log(1 + sum exp(gamma a_n (s_n - m)) sum exp(-gamma a_p (s_p - 1 + m))), over the pairs of other and of the same
/// class. The weights a_n = [s_n + m]+ and a_p = [1 + m - s_p]+ take no gradient. An anchor without one of both kinds
/// of pairs adds 0. embedding (N,D), targets (N) int64 -> scalar.
struct CircleLossOptions {
  double margin = 0.25, gamma = 256;
  bool toolbox = false;  ///< as torch-toolbox: embeddings as they are, and pairs that are none count as exp(0) each
};
at::Tensor circle_loss(const at::Tensor& embedding, const at::Tensor& targets, const CircleLossOptions& options = {});

/// Center loss (Wen et al. 2016, eq. 2): weight / 2 times the mean squared distance of each embedding from its class's
/// centre. torch-toolbox's is weight / (2 N) times the norm of all distances together, not squared; where that is 0 its
/// gradient is none, here 0. embedding (N,D), centers (classes,D), targets (N) int64 -> scalar.
at::Tensor center_loss(const at::Tensor& embedding, const at::Tensor& centers, const at::Tensor& targets, double weight,
                       bool toolbox = false);

/// Ring loss (Zheng et al. 2018, eq. 1): weight / 2 times the mean of (|x| - R)^2. torch-toolbox's takes R from every
/// element, and with `normalise` embeddings of length 1. embedding (N,D), radius (1) -> scalar.
struct RingLossOptions {
  double weight = 0.01;
  bool toolbox = false;
  bool normalise = true;  ///< of torch-toolbox's only
};
at::Tensor ring_loss(const at::Tensor& embedding, const at::Tensor& radius, const RingLossOptions& options = {});

/// Annealed L0 (Lehtinen et al. 2018, sec. 3.1): (|output - target| + eps)^gamma of each element.
at::Tensor l0_loss(const at::Tensor& output, const at::Tensor& target, double gamma = 2, double eps = 1e-8);

}  // namespace springbok::tasks
