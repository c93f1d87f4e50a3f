// Evaluation: one pass over a source.
#include "springbok/model/evaluate.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/isfinite.h>

#include "springbok/base/error.h"
#include "springbok/base/progress.h"
#include "springbok/data/source/class_match.h"
#include "springbok/model/task_evaluation.h"
#include "springbok/tasks/finite.h"

namespace springbok::model {
namespace {

std::unique_ptr<TaskEvaluation> evaluation_of(Evaluated of) {
  switch (of.source.target_kind()) {
    case data::TargetKind::classes:
      break;
    case data::TargetKind::labels:
      return label_evaluation(std::move(of));
    case data::TargetKind::masks:
      return pixel_evaluation(std::move(of));
  }
  return class_evaluation(std::move(of));
}

/// The goal so far, `top1 91.20`. Ranking all images of labels takes long: again only when there are a quarter more.
class ProgressText {
 public:
  explicit ProgressText(const metrics::Task& task) : key_(metrics::goal_of(task).key) {}

  const std::string& of(const metrics::Tally& tally) {
    const std::int64_t samples = metrics::samples_of(tally);
    if (std::holds_alternative<metrics::LabelTally>(tally) && samples < told_ + told_ / 4) return text_;
    told_ = samples;
    text_ = format("{} {:.2f}", key_, metrics::value_of(metrics::metrics_of(tally), key_));
    return text_;
  }

 private:
  std::string key_;
  std::int64_t told_ = 0;
  std::string text_;
};

}  // namespace

void fail_not_finite(const std::string& image) {
  fail("{}: the network's scores for it are infinite or no numbers; its weights are too large, or no trained network's",
       image);
}

void expect_finite(const tasks::Best& best, const data::Batch& batch, const data::Source& source) {
  const std::int64_t row = tasks::first_not_finite(best);
  if (row < best.rows) fail_not_finite(source.name(batch.indices[static_cast<std::size_t>(row)]));
}

void expect_finite(const at::Tensor& scores, const data::Batch& batch, const data::Source& source) {
  if (tasks::all_finite(scores)) return;
  const at::Tensor rows = at::isfinite(scores).flatten(1).all(1).contiguous();
  const auto* const finite = rows.const_data_ptr<bool>();
  for (std::int64_t row = 0; row < rows.numel(); ++row) {
    if (!finite[row]) fail_not_finite(source.name(batch.indices[static_cast<std::size_t>(row)]));
  }
}

void check_outputs(const std::vector<std::string>& classes, const at::Tensor& scores) {
  if (scores.size(1) == static_cast<std::int64_t>(classes.size())) return;
  fail("the network has {} outputs for {} class names", scores.size(1), classes.size());
}

data::SampleTransform evaluation_transform(const data::Preprocess& preprocess, data::TargetKind kind,
                                           Protocol protocol) {
  if (kind != data::TargetKind::masks) return data::Transform(preprocess);
  if (protocol == Protocol::native) return data::PixelTransform(preprocess);
  return data::PixelTransform(preprocess,
                              data::only_cropped({preprocess.size, preprocess.size}, data::JointForm::elastic));
}

metrics::Task task_of(const data::Source& source) {
  if (source.target_kind() == data::TargetKind::labels) return metrics::MultiLabel{};
  if (source.target_kind() == data::TargetKind::masks) return metrics::Segment{};
  return metrics::Classify{};
}

data::JointCrop evaluated_crop(const data::PixelTransform& transform, image::Size size, std::int64_t sample) {
  const data::LoaderSettings settings;  // whose seed and epoch `evaluate` keeps
  return transform.place(
      size, Rng(settings.seed, {static_cast<std::uint64_t>(settings.epoch), static_cast<std::uint64_t>(sample)}));
}

Evaluation evaluate(const engine::Executor& executor, const engine::State& state,
                    const std::vector<std::string>& classes, const data::Source& source,
                    const data::SampleTransform& transform, const EvaluateSettings& settings) {
  const at::NoGradGuard no_grad;
  std::vector<std::int64_t> to_output =
      settings.outputs.empty() ? data::match_classes(source, classes) : settings.outputs;
  const std::unique_ptr<TaskEvaluation> task =
      evaluation_of({executor, state, classes, source, data::preprocess_of(transform), settings, std::move(to_output)});
  const auto* pixels = std::get_if<data::PixelTransform>(&transform);
  const bool one_by_one = pixels != nullptr && !pixels->size();
  Evaluation evaluation;
  task->begin(evaluation);
  data::Loader loader(source, transform, {.batch = one_by_one ? 1 : settings.batch, .workers = settings.workers});
  Progress progress({.title = settings.title,
                     .total = source.size(),
                     .plain_seconds = settings.plain_seconds,
                     .quiet = settings.quiet});
  ProgressText text(task_of(source));
  while (!evaluation.stopped) {
    std::optional<data::Batch> batch = loader.next();
    if (!batch) break;
    task->add(*batch, evaluation);
    progress.update(metrics::samples_of(evaluation.tally), text.of(evaluation.tally));
    loader.recycle(std::move(*batch));
    evaluation.stopped = settings.stop && settings.stop();
  }
  progress.finish();
  return evaluation;
}

}  // namespace springbok::model
