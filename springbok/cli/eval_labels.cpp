// What `eval` says of labels.
#include "springbok/base/error.h"
#include "springbok/cli/eval_output.h"

namespace springbok::cli {
namespace {

class LabelOutput final : public ReportOutput<metrics::LabelReport> {
 public:
  using ReportOutput::ReportOutput;

  void prepare(model::EvaluateSettings& settings) override {
    settings.predictions = asked_.predictions.empty() ? 0 : asked_.topk;
  }

  void finish(const model::Evaluation& evaluation) override {
    report_ = metrics::report_of(std::get<metrics::LabelTally>(evaluation.tally),
                                 {.threshold = asked_.threshold, .bootstrap = bootstrap()});
  }

  std::string text(const model::Evaluation& evaluation, double rate) const override {
    return metrics::to_text(report_, evaluation.classes, asked_.per_class) +
           format("{} images, {} labels ({:.0f} img/s)\n", with_commas(report_.images), evaluation.classes.size(),
                  rate);
  }

  void write(const model::Evaluation& evaluation) const override {
    if (!asked_.predictions.empty()) metrics::write_predictions(asked_.predictions, evaluation.predictions);
  }
};

}  // namespace

std::unique_ptr<EvalOutput> label_output(const EvalAsked& asked) {
  return std::make_unique<LabelOutput>(asked);
}

}  // namespace springbok::cli
