// What `eval` says of masks.
#include <optional>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/cli/eval_output.h"
#include "springbok/cli/mask_files.h"
#include "springbok/data/masks/mask_folder.h"

namespace springbok::cli {
namespace {

class PixelOutput final : public ReportOutput<metrics::PixelReport> {
 public:
  PixelOutput(const EvalAsked& asked, const data::Source& source, const std::vector<std::string>& classes)
      : ReportOutput(asked), source_(source), classes_(classes) {
    if (!asked.masks.empty()) files_.emplace(asked.masks, source, ".png");
  }

  void prepare(model::EvaluateSettings& settings) override {
    settings.on_mask = [this](std::int64_t sample, const image::Image& truth, const image::Image& mask) {
      add(sample, truth, mask);
    };
  }

  void finish(const model::Evaluation& evaluation) override {
    report_ = metrics::report_of(std::get<metrics::PixelTally>(evaluation.tally), records_, bootstrap());
  }

  std::string text(const model::Evaluation& evaluation, double rate) const override {
    return metrics::to_text(report_, evaluation.classes, asked_.per_class) +
           format("{} images, {} classes ({:.1f} img/s)\n", with_commas(report_.images), evaluation.classes.size(),
                  rate);
  }

  void write(const model::Evaluation& evaluation) const override {
    if (files_) data::write_class_list(asked_.masks, classes_);
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
    if (files_) files_->write(sample, data::mask_png(mask));
    if (asked_.predictions.empty()) return;
    predictions_.emplace_back(metrics::Painted{
        .image = source_.name(sample),
        .mask = files_->path(sample).string(),
        .pixels = metrics::cells_of(metrics::count_pixels(truth.pixels, mask.pixels, classes), classes_)});
  }

  const data::Source& source_;
  const std::vector<std::string>& classes_;
  std::optional<NamedFiles> files_;
  std::vector<metrics::MaskRecord> records_;
  std::vector<metrics::Prediction> predictions_;
};

}  // namespace

std::unique_ptr<EvalOutput> pixel_output(const EvalAsked& asked, const data::Source& source,
                                         const std::vector<std::string>& classes) {
  return std::make_unique<PixelOutput>(asked, source, classes);
}

}  // namespace springbok::cli
