// Targets of each task as the stepper takes them.
#include "springbok/train/task_batch.h"

#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/full.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>

#include "springbok/base/overload.h"
#include "springbok/engine/place.h"
#include "springbok/tasks/asymmetric.h"
#include "springbok/tasks/binary_cross_entropy.h"
#include "springbok/tasks/focal.h"
#include "springbok/tasks/multilabel.h"
#include "springbok/tasks/segment.h"
#include "springbok/train/together.h"

namespace springbok::train {
namespace {

using recipe::LossKind;

metrics::Tally add_classes(Stepper& stepper, const at::Tensor& input, const data::Batch& batch,
                           const recipe::Mixed& mixed, const InStep& place) {
  const tasks::MixedTargets targets{
      .targets = batch.targets, .partners = mixed.partners, .share = mixed.share, .shares = mixed.shares};
  return stepper.add(input, targets, place.samples, place.first);
}

/// Of as many classes as the network has outputs: those that the data do not have are never there.
at::Tensor for_outputs(const at::Tensor& labels, std::int64_t outputs) {
  const std::int64_t more = outputs - labels.size(1);
  return more <= 0 ? labels : at::constant_pad_nd(labels, {0, more});
}

metrics::Tally add_labels(Stepper& stepper, const LabelLoss& loss, const at::Tensor& input, const data::Batch& batch,
                          const recipe::Mixed& mixed, const InStep& place) {
  const at::Tensor own = tasks::label_tensor(batch.labels, batch.size);
  at::Tensor soft = own.ne(0).to(at::kDouble), main = own;
  if (!mixed.labels.empty()) {
    const tasks::MixedTargets shares{.targets = {}, .share = mixed.share, .shares = mixed.shares};
    const at::Tensor partners = tasks::label_tensor(mixed.labels, batch.size),
                     all = at::full({batch.size, 1}, 1.0, at::kDouble);
    soft = shares.blend(soft, partners.ne(0).to(at::kDouble));
    main = at::where(shares.blend(all, at::zeros_like(all)).ge(0.5), own, partners);
  }
  const auto loss_of = [&loss, soft](const at::Tensor& logits) {
    return loss(logits, for_outputs(soft, logits.size(1)).to(logits.options()));
  };
  const Stepper::Added added = stepper.add(input, loss_of, place.samples, place.first);
  return tasks::label_tally(engine::download(added.output), for_outputs(main, added.output.size(1)), added.loss, false);
}

/// What the sum over a share's pixels is multiplied with, to be the mean over the pixels of the whole batch that count,
/// times its images.
double pixel_factor(const data::Batch& share, engine::Group& group) {
  const auto ignored = std::count(share.masks.begin(), share.masks.end(), metrics::kIgnoredPixel);
  const std::vector<double> all = summed_over_ranks(
      {static_cast<double>(share.size), static_cast<double>(std::ssize(share.masks) - ignored)}, group);
  return all[1] == 0 ? 0 : all[0] / all[1];
}

metrics::Tally add_pixels(Stepper& stepper, const at::Tensor& input, const data::Batch& batch, const InStep& place) {
  const at::Tensor masks = tasks::mask_tensor(batch.masks, {batch.size, batch.height, batch.width});
  const bool alone = stepper.group().size() == 1;
  const double factor = alone ? 1 : pixel_factor(batch, stepper.group());
  const auto loss_of = [masks, alone, factor](const at::Tensor& scores) {
    const at::Tensor truth = masks.to(scores.device());
    return alone ? tasks::pixel_loss_sum(scores, truth) : tasks::pixel_loss(scores, truth).sum.mul(factor);
  };
  const Stepper::Added added = stepper.add(input, loss_of, place.samples, place.first);
  return tasks::pixel_tally(engine::download(added.output), masks, added.loss);
}

}  // namespace

LabelLoss label_loss_for(const recipe::LossSettings& s) {
  return [s](const at::Tensor& logits, const at::Tensor& labels) {
    at::Tensor rows;
    if (s.kind == LossKind::focal) {
      rows = tasks::focal(logits, labels, {.gamma = s.focal_gamma, .alpha = s.focal_alpha});
    } else if (s.kind == LossKind::asymmetric) {
      rows = tasks::asymmetric(
          logits, labels,
          {.gamma_neg = s.asymmetric_gamma_neg, .gamma_pos = s.asymmetric_gamma_pos, .clip = s.asymmetric_clip});
    } else {
      rows = tasks::binary_cross_entropy(logits, labels, {.pos_weight = s.bce_pos_weight});
    }
    return rows.sum().mul(s.label_scale);
  };
}

metrics::Tally add_batch(Stepper& stepper, const Objective& objective, const at::Tensor& input,
                         const data::Batch& batch, const recipe::Mixed& mixed, const InStep& place) {
  return std::visit(Overload{[&](const metrics::Classify&) { return add_classes(stepper, input, batch, mixed, place); },
                             [&](const metrics::MultiLabel&) {
                               return add_labels(stepper, objective.labels, input, batch, mixed, place);
                             },
                             [&](const metrics::Segment&) { return add_pixels(stepper, input, batch, place); }},
                    objective.task);
}

}  // namespace springbok::train
