// What a batch is to be: class indices, mixtures of two, and the distributions that losses compare with.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

namespace springbok::tasks {

/// Class indices of a batch whose images are each a mixture of two: `share` of the target, the rest of the partner.
struct MixedTargets {
  std::span<const std::int64_t> targets;
  std::span<const std::int64_t> partners = {};  ///< empty: nothing is mixed
  double share = 1;
  std::span<const double> shares = {};  ///< of each image, where they are mixed apart; else empty

  /// The classes that have the larger share.
  std::vector<std::int64_t> main() const;
  /// The targets' part and the partners', rows or numbers: of (N) or (N,classes) both, or of two numbers.
  at::Tensor blend(const at::Tensor& of_targets, const at::Tensor& of_partners) const;
};

/// Label smoothing by a share s over C classes. As the paper (Szegedy et al. 2016, sec. 7) and PyTorch have it, the
/// true class gets 1 - s + s / C and each other s / C. As torch-toolbox has it (nn/functional.py), 1 - s and s / (C -
/// 1).
struct Smoothing {
  double share = 0;
  bool toolbox = false;

  double on(std::int64_t classes) const;   ///< the true class's part
  double off(std::int64_t classes) const;  ///< each other class's
};

/// The distribution of each row: its one-hot target smoothed, mixed with that of its partner. (N,classes), of the
/// logits' type and device. Throws Error for a target that is no class, and for smoothing outside [0, 1].
at::Tensor soft_targets(const at::Tensor& logits, const MixedTargets& mixed, const Smoothing& smoothing = {});

/// The weight of each row's class, mixed as the targets are. class_weights (classes) -> (N), of the logits' type.
at::Tensor row_weights(const at::Tensor& logits, const MixedTargets& mixed, const at::Tensor& class_weights);

/// Class indices as a tensor over the same memory, which must outlive it.
at::Tensor target_tensor(std::span<const std::int64_t> targets);
at::Tensor target_tensor(std::vector<std::int64_t>&&) = delete;  ///< a temporary would not

}  // namespace springbok::tasks
