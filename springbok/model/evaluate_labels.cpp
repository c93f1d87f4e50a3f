// Evaluation of images with any number of labels: the scores are kept, since average precision ranks all images.
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/metrics/thresholds.h"
#include "springbok/model/task_evaluation.h"
#include "springbok/tasks/multilabel.h"

namespace springbok::model {
namespace {

/// Binary cross-entropy of one logit.
double loss_of(double logit, bool present) {
  return std::max(logit, 0.0) - (present ? logit : 0) + std::log1p(std::exp(-std::abs(logit)));
}

class LabelEvaluation final : public TaskEvaluation {
 public:
  explicit LabelEvaluation(Evaluated of) : TaskEvaluation(std::move(of)) {
    for (std::size_t c = 0; c < of_.to_output.size(); ++c) {
      if (of_.to_output[c] >= 0) continue;
      fail("{}: the class '{}' is no output of the network", of_.source.description(), of_.source.classes()[c]);
    }
    outputs_ = at::tensor(of_.to_output, at::kLong);
  }

  void begin(Evaluation& evaluation) const override {
    evaluation.tally = metrics::LabelTally{};
    evaluation.classes = of_.source.classes();
  }

  void add(data::Batch& batch, Evaluation& evaluation) override {
    const EvaluateSettings& settings = of_.settings;
    const at::Tensor all = scores(of_.executor, of_.state, batch, settings.precision, settings.views);
    check_outputs(of_.classes, all);
    const at::Tensor logits = all.index_select(1, outputs_);
    const at::Tensor labels = tasks::label_tensor(batch.labels, batch.size);
    if (!settings.allow_not_finite) expect_finite(logits, batch, of_.source);
    const auto loss = tasks::label_loss_sum(logits, labels, 1).item<double>();
    evaluation.tally += metrics::Tally(tasks::label_tally(logits, labels, loss, true));
    if (settings.on_loss) settings.on_loss(batch.size, loss);
    if (settings.predictions > 0) keep(logits, batch, evaluation);
  }

 private:
  /// The best ones, those that are likelier than not, and the true ones.
  void keep(const at::Tensor& scores, const data::Batch& batch, Evaluation& evaluation) const {
    const at::Tensor logits = scores.to(at::kDouble).contiguous();
    const auto classes = static_cast<std::size_t>(logits.size(1));
    for (std::int64_t i = 0; i < batch.size; ++i) {
      const std::span row(logits.const_data_ptr<double>() + i * logits.size(1), classes);
      const std::span labels = std::span(batch.labels).subspan(static_cast<std::size_t>(i) * classes, classes);
      metrics::Labelled labelled{.image = of_.name(batch, i), .truth = {}, .scores = {}, .sizes = {}, .loss = 0};
      for (std::size_t c = 0; c < classes; ++c) {
        labelled.loss += loss_of(row[c], labels[c] != 0) / static_cast<double>(classes);
        if (labels[c] == 0) continue;
        labelled.truth.push_back(evaluation.classes[c]);
        labelled.sizes.push_back(labels[c]);
      }
      std::vector<std::size_t> order(classes);
      std::iota(order.begin(), order.end(), std::size_t{0});
      std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return row[a] > row[b]; });
      for (std::size_t k = 0; k < classes; ++k) {
        const std::size_t c = order[k];
        if (std::cmp_greater_equal(k, of_.settings.predictions) && row[c] <= 0 && labels[c] == 0) continue;
        labelled.scores.push_back({evaluation.classes[c], metrics::probability_of(row[c])});
      }
      evaluation.predictions.emplace_back(std::move(labelled));
    }
  }

  at::Tensor outputs_;
};

}  // namespace

std::unique_ptr<TaskEvaluation> label_evaluation(Evaluated of) {
  return std::make_unique<LabelEvaluation>(std::move(of));
}

}  // namespace springbok::model
