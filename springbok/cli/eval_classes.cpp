// What `eval` says of one class an image.
#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/cli/eval_output.h"

namespace springbok::cli {
namespace {

using Json = nlohmann::ordered_json;

class ClassOutput final : public EvalOutput {
 public:
  explicit ClassOutput(const EvalAsked& asked) : asked_(asked) {}

  void prepare(model::EvaluateSettings& settings) override {
    settings.confusion = !asked_.confusion.empty();
    settings.predictions = asked_.predictions.empty() ? 0 : asked_.topk;
  }

  Json metrics(const model::Evaluation& evaluation) const override {
    Json json{{"images", metrics::samples_of(evaluation.tally)}};
    json.update(metrics::to_json(metrics::metrics_of(evaluation.tally)));
    return json;
  }

  Json classes(const model::Evaluation& evaluation) const override {
    Json list = Json::array();
    for (std::size_t i = 0; i < evaluation.per_class.size(); ++i) {
      const metrics::ClassCount& count = evaluation.per_class[i];
      list.push_back({{"class", evaluation.classes[i]},
                      {"images", count.samples},
                      {"top1", count.top1},
                      {"top5", count.top5},
                      {"predicted", count.predicted}});
    }
    return list;
  }

  std::string text(const model::Evaluation& evaluation, double rate) const override {
    std::string numbers;
    for (const metrics::Metric& metric : metrics::metrics_of(evaluation.tally)) {
      const bool loss = metric.key == "loss";
      numbers += loss ? format("loss {:.4f}", metric.value)
                      : format(", {} {:.2f} %", metrics::title_of(metric.key), metric.value);
    }
    return (asked_.per_class ? metrics::per_class_table(evaluation.per_class, evaluation.classes) : "") +
           format("{} images: {} ({:.0f} img/s)\n", with_commas(metrics::samples_of(evaluation.tally)), numbers, rate);
  }

  void write(const model::Evaluation& evaluation) const override {
    if (evaluation.confusion) {
      write_file(asked_.confusion, metrics::confusion_csv(*evaluation.confusion, evaluation.classes));
    }
    if (!asked_.predictions.empty()) metrics::write_predictions(asked_.predictions, evaluation.predictions);
  }

 private:
  const EvalAsked& asked_;
};

}  // namespace

std::unique_ptr<EvalOutput> class_output(const EvalAsked& asked) {
  return std::make_unique<ClassOutput>(asked);
}

}  // namespace springbok::cli
