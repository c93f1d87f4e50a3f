// Softmax heads with margins, for embeddings: logits that a cross-entropy is taken of.
#pragma once

#include <ATen/core/Tensor.h>

namespace springbok::tasks {

/// Cosines of each embedding with each class's weight: both are normalised to length 1 (at least 1e-12 before).
/// embedding (N,D), weight (classes,D) -> (N,classes).
at::Tensor cosines(const at::Tensor& embedding, const at::Tensor& weight);

/// L2-constrained softmax (Ranjan et al. 2017, eq. 3): embeddings of length `alpha`.
struct L2SoftmaxOptions {
  double alpha = 64;
  bool normalise_weight = false;  ///< the classes' weights too, as torch-toolbox
};
at::Tensor l2_softmax(const at::Tensor& embedding, const at::Tensor& weight, const L2SoftmaxOptions& options = {});

/// The least alpha with which a true class can have probability p (their eq. 9).
double least_alpha(double p, std::int64_t classes);

/// Additive margin (Wang et al. 2018a, eq. 6; CosFace): the true class's cosine less `margin`, all times `scale`.
struct MarginOptions {
  double margin = 0.35, scale = 64;
};
at::Tensor am_softmax(const at::Tensor& cosine, const at::Tensor& targets, const MarginOptions& options = {});

/// Additive angular margin (Deng et al. 2019, eq. 3): cos(theta + margin) for the true class. Beyond pi - margin it is
/// cos(theta) - margin sin(margin), which keeps falling; with `easy` the margin is left out where cos(theta) <= 0.
struct ArcOptions {
  double margin = 0.5, scale = 64;
  bool easy = false;
  bool toolbox = false;  ///< no gradient through the margin, as torch-toolbox's ArcLoss
};
at::Tensor arc_softmax(const at::Tensor& cosine, const at::Tensor& targets, const ArcOptions& options = {});

/// Circle loss with class labels (Sun et al. 2020, eq. 6): each similarity is weighted by its distance from its
/// optimum, without a gradient through that weight.
struct CircleOptions {
  double margin = 0.25, gamma = 256;
};
at::Tensor circle_softmax(const at::Tensor& cosine, const at::Tensor& targets, const CircleOptions& options = {});

}  // namespace springbok::tasks
