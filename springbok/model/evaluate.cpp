// Evaluation: one pass over a source.
#include "springbok/model/evaluate.h"

#include <ATen/core/grad_mode.h>

#include "springbok/base/error.h"
#include "springbok/base/progress.h"
#include "springbok/data/source/class_match.h"
#include "springbok/model/input.h"

namespace springbok::model {
namespace {

/// The network's class of each sample of the batch.
std::vector<std::int64_t> mapped(const data::Batch& batch, const std::vector<std::int64_t>& to_output,
                                 const data::Source& source) {
  std::vector<std::int64_t> targets;
  for (std::size_t i = 0; i < batch.targets.size(); ++i) {
    if (batch.targets[i] < 0)
      fail("{}: has no class; evaluation needs one for each image", source.name(batch.indices[i]));
    targets.push_back(to_output[static_cast<std::size_t>(batch.targets[i])]);
  }
  return targets;
}

void keep_predictions(const tasks::Best& best, const std::vector<std::int64_t>& targets, const data::Batch& batch,
                      const data::Source& source, const std::vector<std::string>& classes, Evaluation& evaluation) {
  for (std::int64_t i = 0; i < best.rows; ++i) {
    const auto at = static_cast<std::size_t>(i);
    metrics::Ranked ranked{.image = source.name(batch.indices[at]),
                           .truth = classes[static_cast<std::size_t>(targets[at])],
                           .guesses = tasks::guesses_of(best, i, classes)};
    evaluation.predictions.emplace_back(std::move(ranked));
  }
}

/// `top1 91.20`.
std::string progress_text(const metrics::Tally& tally) {
  const std::string key = metrics::goal_of(metrics::Classify{}).key;
  return format("{} {:.2f}", key, metrics::value_of(metrics::metrics_of(tally), key));
}

void check_classes(const std::vector<std::string>& classes, const at::Tensor& logits) {
  if (logits.size(1) == static_cast<std::int64_t>(classes.size())) return;
  fail("the network has {} outputs for {} class names", logits.size(1), classes.size());
}

}  // namespace

void expect_finite(const tasks::Best& best, const data::Batch& batch, const data::Source& source) {
  const std::int64_t row = tasks::first_not_finite(best);
  if (row == best.rows) return;
  fail("{}: the network's scores for it are infinite or no numbers; its weights are too large, or no trained network's",
       source.name(batch.indices[static_cast<std::size_t>(row)]));
}

Evaluation evaluate(const engine::Executor& executor, const engine::State& state,
                    const std::vector<std::string>& classes, const data::Source& source,
                    const data::Transform& transform, const EvaluateSettings& settings) {
  const at::NoGradGuard no_grad;
  const std::vector<std::int64_t> to_output =
      settings.outputs.empty() ? data::match_classes(source, classes) : settings.outputs;
  Evaluation evaluation;
  evaluation.per_class.resize(classes.size());
  if (settings.confusion) evaluation.confusion.emplace(static_cast<std::int64_t>(classes.size()));
  data::Loader loader(source, transform, {.batch = settings.batch, .workers = settings.workers});
  Progress progress({.title = settings.title,
                     .total = source.size(),
                     .plain_seconds = settings.plain_seconds,
                     .quiet = settings.quiet});
  while (!evaluation.stopped) {
    std::optional<data::Batch> batch = loader.next();
    if (!batch) break;
    const std::vector<std::int64_t> targets = mapped(*batch, to_output, source);
    const at::Tensor logits = scores(executor, state, *batch, settings.precision, settings.views);
    check_classes(classes, logits);
    const auto loss = tasks::cross_entropy_sum(logits, tasks::target_tensor(targets)).item<double>();
    const tasks::Best best = tasks::best_classes(logits, std::max<std::int64_t>(5, settings.predictions));
    if (!settings.allow_not_finite) expect_finite(best, *batch, source);
    evaluation.tally += metrics::Tally(tasks::sums_of(best, targets, loss));
    tasks::count_classes(best, targets, evaluation.per_class);
    for (std::size_t i = 0; settings.confusion && i < targets.size(); ++i) {
      evaluation.confusion->add(targets[i], best.row(static_cast<std::int64_t>(i))[0]);
    }
    if (settings.predictions > 0) keep_predictions(best, targets, *batch, source, classes, evaluation);
    progress.update(metrics::samples_of(evaluation.tally), progress_text(evaluation.tally));
    loader.recycle(std::move(*batch));
    evaluation.stopped = settings.stop && settings.stop();
  }
  progress.finish();
  return evaluation;
}

}  // namespace springbok::model
