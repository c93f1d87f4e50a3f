// What `eval` says of masks.
#include <optional>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/cli/eval_output.h"
#include "springbok/cli/mask_files.h"
#include "springbok/data/masks/mask_folder.h"

namespace springbok::cli {
namespace {

/// Elastic's crops, of which masks are brought back to their images.
std::optional<data::PixelTransform> crops_of(const EvalAsked& asked, const data::Preprocess& preprocess) {
  if (asked.masks.empty() || asked.compute.pixels.protocol != model::Protocol::elastic) return std::nullopt;
  return std::get<data::PixelTransform>(
      model::evaluation_transform(preprocess, data::TargetKind::masks, model::Protocol::elastic));
}

class PixelOutput final : public ReportOutput<metrics::PixelReport> {
 public:
  PixelOutput(const EvalAsked& asked, const data::Source& source, const model::Card& card)
      : ReportOutput(asked), source_(source), classes_(card.classes), crops_(crops_of(asked, card.preprocess)) {
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
    if (files_) files_->write(sample, data::mask_png(crops_ ? cut_back(sample, mask) : mask));
    if (asked_.predictions.empty()) return;
    predictions_.emplace_back(metrics::Painted{
        .image = source_.name(sample),
        .mask = files_->path(sample).string(),
        .pixels = metrics::cells_of(metrics::count_pixels(truth.pixels, mask.pixels, classes), classes_)});
  }

  /// Throws Error where the original has nothing to save.
  image::Image cut_back(std::int64_t sample, const image::Image& mask) const {
    const image::Image own = source_.mask(sample);
    const data::JointCrop crop = model::evaluated_crop(*crops_, {own.height, own.width}, sample);
    if (asked_.cut_back == CutBack::exact) return data::cut_back(mask, crop);
    image::Image cut = data::cut_back_swapped(mask, crop);
    if (cut.pixels.empty()) {
      fail("{}: of {} x {}, larger than the crop of {} x {}, Elastic's cut leaves no pixel; leave out --cut-back",
           source_.name(sample), own.height, own.width, mask.height, mask.width);
    }
    return cut;
  }

  const data::Source& source_;
  const std::vector<std::string>& classes_;
  std::optional<data::PixelTransform> crops_;
  std::optional<NamedFiles> files_;
  std::vector<metrics::MaskRecord> records_;
  std::vector<metrics::Prediction> predictions_;
};

}  // namespace

std::unique_ptr<EvalOutput> pixel_output(const EvalAsked& asked, const data::Source& source, const model::Card& card) {
  return std::make_unique<PixelOutput>(asked, source, card);
}

}  // namespace springbok::cli
