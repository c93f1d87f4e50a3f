// Evaluation of images with one class each.
#include <algorithm>

#include "springbok/base/error.h"
#include "springbok/model/task_evaluation.h"

namespace springbok::model {
namespace {

class ClassEvaluation final : public TaskEvaluation {
 public:
  using TaskEvaluation::TaskEvaluation;

  void begin(Evaluation& evaluation) const override {
    evaluation.tally = metrics::ClassTally{};
    evaluation.classes = of_.classes;
    evaluation.per_class.resize(of_.classes.size());
    if (of_.settings.confusion) evaluation.confusion.emplace(std::ssize(of_.classes));
  }

  void add(data::Batch& batch, Evaluation& evaluation) override {
    const EvaluateSettings& settings = of_.settings;
    const std::vector<std::int64_t> targets = mapped(batch);
    const at::Tensor logits = scores(of_.executor, of_.state, batch, settings.precision, settings.views);
    check_outputs(of_.classes, logits);
    const auto loss = tasks::cross_entropy_sum(logits, tasks::target_tensor(targets)).item<double>();
    const tasks::Best best = tasks::best_classes(logits, std::max<std::int64_t>(5, settings.predictions));
    if (!settings.allow_not_finite) expect_finite(best, batch, of_.source);
    evaluation.tally += metrics::Tally(tasks::sums_of(best, targets, loss));
    if (settings.on_loss) settings.on_loss(batch.size, loss);
    tasks::count_classes(best, targets, evaluation.per_class);
    for (std::size_t i = 0; evaluation.confusion && i < targets.size(); ++i) {
      evaluation.confusion->add(targets[i], best.row(static_cast<std::int64_t>(i))[0]);
    }
    if (settings.predictions > 0) keep(best, targets, batch, evaluation);
  }

 private:
  /// The network's class of each sample of the batch.
  std::vector<std::int64_t> mapped(const data::Batch& batch) const {
    std::vector<std::int64_t> targets;
    for (std::size_t i = 0; i < batch.targets.size(); ++i) {
      if (batch.targets[i] < 0)
        fail("{}: has no class; evaluation needs one for each image", of_.source.name(batch.indices[i]));
      targets.push_back(of_.to_output[static_cast<std::size_t>(batch.targets[i])]);
    }
    return targets;
  }

  void keep(const tasks::Best& best, const std::vector<std::int64_t>& targets, const data::Batch& batch,
            Evaluation& evaluation) const {
    for (std::int64_t i = 0; i < best.rows; ++i) {
      metrics::Ranked ranked{.image = of_.name(batch, i),
                             .truth = of_.classes[static_cast<std::size_t>(targets[static_cast<std::size_t>(i)])],
                             .guesses = tasks::guesses_of(best, i, of_.classes)};
      evaluation.predictions.emplace_back(std::move(ranked));
    }
  }
};

}  // namespace

std::unique_ptr<TaskEvaluation> class_evaluation(Evaluated of) {
  return std::make_unique<ClassEvaluation>(std::move(of));
}

}  // namespace springbok::model
