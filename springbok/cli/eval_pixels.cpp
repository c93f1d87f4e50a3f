// What `eval` says of masks.
#include <optional>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/threads.h"
#include "springbok/cli/eval_output.h"
#include "springbok/cli/mask_files.h"
#include "springbok/metrics/pixel_report.h"

namespace springbok::cli {
namespace {

using Json = nlohmann::ordered_json;

/// The confusion matrix of one image, by name, its cells that are not 0.
std::vector<metrics::PixelCount> cells_of(const metrics::PixelTally& tally, const std::vector<std::string>& classes) {
  std::vector<metrics::PixelCount> cells;
  for (std::int64_t t = 0; t < tally.classes; ++t) {
    for (std::int64_t p = 0; p <= tally.classes; ++p) {
      if (tally.at(t, p) == 0) continue;
      cells.push_back({classes[static_cast<std::size_t>(t)],
                       p < tally.classes ? classes[static_cast<std::size_t>(p)] : std::string(), tally.at(t, p)});
    }
  }
  return cells;
}

class PixelOutput final : public EvalOutput {
 public:
  PixelOutput(const EvalAsked& asked, const data::Source& source, const std::vector<std::string>& classes)
      : asked_(asked), source_(source), classes_(classes) {
    if (!asked.masks.empty()) files_.emplace(asked.masks, source, ".png");
  }

  void prepare(model::EvaluateSettings& settings) override {
    settings.on_mask = [this](std::int64_t sample, const image::Image& truth, const image::Image& mask) {
      add(sample, truth, mask);
    };
  }

  void finish(const model::Evaluation& evaluation) override {
    report_ = metrics::report_of(
        std::get<metrics::PixelTally>(evaluation.tally), records_,
        {.resamples = asked_.bootstrap, .seed = static_cast<std::uint64_t>(asked_.seed), .threads = usable_cores()});
  }

  Json metrics(const model::Evaluation& evaluation) const override {
    return metrics::to_json(report_, evaluation.classes, false);
  }

  Json classes(const model::Evaluation& evaluation) const override {
    return metrics::to_json(report_, evaluation.classes, true)["classes"];
  }

  std::string text(const model::Evaluation& evaluation, double rate) const override {
    return metrics::to_text(report_, evaluation.classes, asked_.per_class) +
           format("{} images, {} classes ({:.1f} img/s)\n", with_commas(report_.images), evaluation.classes.size(),
                  rate);
  }

  void write(const model::Evaluation& evaluation) const override {
    if (files_) write_class_list(asked_.masks, classes_);
    if (!asked_.confusion.empty()) {
      write_file(asked_.confusion, metrics::pixel_confusion_csv(report_.tally, evaluation.classes));
    }
    if (!asked_.predictions.empty()) metrics::write_predictions(asked_.predictions, predictions_);
  }

 private:
  void add(std::int64_t sample, const image::Image& truth, const image::Image& mask) {
    const auto classes = static_cast<std::int64_t>(classes_.size());
    records_.push_back(metrics::record_of(
        {.truth = truth.pixels, .predicted = mask.pixels, .height = mask.height, .width = mask.width}, classes));
    if (files_) files_->write(sample, mask_png(mask));
    if (asked_.predictions.empty()) return;
    predictions_.emplace_back(
        metrics::Painted{.image = source_.name(sample),
                         .mask = files_->path(sample).string(),
                         .pixels = cells_of(metrics::count_pixels(truth.pixels, mask.pixels, classes), classes_)});
  }

  const EvalAsked& asked_;
  const data::Source& source_;
  const std::vector<std::string>& classes_;
  std::optional<NamedFiles> files_;
  std::vector<metrics::MaskRecord> records_;
  std::vector<metrics::Prediction> predictions_;
  metrics::PixelReport report_;
};

}  // namespace

std::unique_ptr<EvalOutput> pixel_output(const EvalAsked& asked, const data::Source& source,
                                         const std::vector<std::string>& classes) {
  return std::make_unique<PixelOutput>(asked, source, classes);
}

}  // namespace springbok::cli
