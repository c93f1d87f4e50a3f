// Losses from a recipe's settings.
#include "springbok/train/criterion.h"

#include <ATen/ops/div.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/tensor.h>

#include "springbok/recipe/class_weights.h"
#include "springbok/tasks/asymmetric.h"
#include "springbok/tasks/binary_cross_entropy.h"
#include "springbok/tasks/cross_entropy.h"
#include "springbok/tasks/focal.h"
#include "springbok/train/together.h"

namespace springbok::train {
namespace {

using recipe::LossKind;
using recipe::LossSettings;

/// A loss for each image.
at::Tensor rows_of(const LossSettings& s, const tasks::Smoothing& smoothing, const at::Tensor& logits,
                   const tasks::MixedTargets& mixed) {
  const tasks::AsymmetricOptions asymmetric{
      .gamma_neg = s.asymmetric_gamma_neg, .gamma_pos = s.asymmetric_gamma_pos, .clip = s.asymmetric_clip};
  if (s.kind == LossKind::asymmetric_softmax) return tasks::asymmetric_softmax(logits, mixed, smoothing, asymmetric);
  const at::Tensor soft = tasks::soft_targets(logits, mixed, smoothing);
  if (s.kind == LossKind::bce) {
    return tasks::binary_cross_entropy(
        logits, soft, {.threshold = s.bce_threshold, .sum_classes = s.bce_sum, .pos_weight = s.bce_pos_weight});
  }
  if (s.kind == LossKind::focal) return tasks::focal(logits, soft, {.gamma = s.focal_gamma, .alpha = s.focal_alpha});
  return tasks::asymmetric(logits, soft, asymmetric);
}

/// What weighted losses of a batch, or a rank's share of it, sum up to, made a sum over its images again. The batch is
/// that of all ranks.
at::Tensor weighted_sum(const at::Tensor& sum, const at::Tensor& weights, recipe::WeightedMean mean,
                        engine::Group& group) {
  if (mean == recipe::WeightedMean::images) return sum;
  if (group.size() == 1) return at::mul(at::div(sum, weights.sum()), static_cast<double>(weights.size(0)));
  const std::vector<double> all =
      summed_over_ranks({weights.sum().item<double>(), static_cast<double>(weights.size(0))}, group);
  return at::mul(sum, all[1] / all[0]);
}

/// As torch.nn.CrossEntropyLoss, whose smoothed part takes each class's own weight; mixtures are those of two losses.
/// Of several ranks each makes the same sums over them, whether it has images or not.
at::Tensor weighted_cross_entropy(const LossSettings& s, const tasks::CrossEntropyOptions& options,
                                  const at::Tensor& logits, const tasks::MixedTargets& mixed, engine::Group& group) {
  const auto part = [&](const tasks::MixedTargets& of) {
    const at::Tensor sum = of.shares.empty()
                               ? tasks::cross_entropy_sum(logits, tasks::target_tensor(of.targets), options)
                               : tasks::cross_entropy_sum(logits, of, options);
    return weighted_sum(sum, tasks::row_weights(logits, of, options.weights), s.weighted_mean, group);
  };
  const bool apart = !mixed.shares.empty();
  const at::Tensor own = part(apart ? mixed : tasks::MixedTargets{.targets = mixed.targets});
  const bool alone = group.size() == 1;
  if (alone && (apart || mixed.partners.empty())) return own;
  const bool none = apart || mixed.partners.empty();
  const at::Tensor others = part({.targets = none ? mixed.targets : mixed.partners});
  return none ? own : mixed.blend(own, others);
}

}  // namespace

Loss loss_for(const LossSettings& settings, double label_smoothing, const std::vector<double>& class_weights,
              engine::Group& ranks) {
  const tasks::Smoothing smoothing{.share = label_smoothing,
                                   .toolbox = settings.smoothing_form == recipe::SmoothingForm::toolbox};
  const at::Tensor weights = class_weights.empty() ? at::Tensor() : at::tensor(class_weights, at::kDouble);
  if (settings.kind == LossKind::cross_entropy) {
    return [settings, options = tasks::CrossEntropyOptions{.smoothing = smoothing, .weights = weights}, &ranks](
               const at::Tensor& logits, const tasks::MixedTargets& mixed) {
      if (options.weights.defined()) return weighted_cross_entropy(settings, options, logits, mixed, ranks);
      return tasks::cross_entropy_sum(logits, mixed, options);
    };
  }
  return [settings, smoothing, weights, &ranks](const at::Tensor& logits, const tasks::MixedTargets& mixed) {
    const at::Tensor rows = rows_of(settings, smoothing, logits, mixed);
    if (!weights.defined()) return rows.sum();
    const at::Tensor own = tasks::row_weights(logits, mixed, weights);
    return weighted_sum(at::mul(rows, own).sum(), own, settings.weighted_mean, ranks);
  };
}

std::vector<double> class_weights_of(const recipe::Recipe& recipe, const data::Source& training) {
  if (recipe.loss.class_weights.empty()) return {};
  std::vector<std::int64_t> samples(static_cast<std::size_t>(recipe.options.classes));
  for (std::int64_t i = 0; i < training.size(); ++i) {
    const std::int64_t target = training.target(i);
    if (target >= 0 && target < std::ssize(samples)) ++samples[static_cast<std::size_t>(target)];
  }
  return recipe::class_weights(recipe.loss, samples);
}

}  // namespace springbok::train
