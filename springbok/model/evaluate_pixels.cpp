// Evaluation of images whose pixels are scored: one confusion matrix over the set.
#include <algorithm>
#include <array>

#include "springbok/base/error.h"
#include "springbok/model/pixel_scores.h"
#include "springbok/model/task_evaluation.h"
#include "springbok/tasks/segment.h"

namespace springbok::model {
namespace {

class PixelEvaluation final : public TaskEvaluation {
 public:
  explicit PixelEvaluation(Evaluated of) : TaskEvaluation(std::move(of)) {
    to_output_.fill(metrics::kIgnoredPixel);
    for (std::size_t c = 0; c < of_.to_output.size(); ++c) {
      const std::int64_t output = of_.to_output[c];
      if (c < to_output_.size() && output >= 0) to_output_[c] = static_cast<std::uint8_t>(output);
    }
  }

  void begin(Evaluation& evaluation) const override {
    evaluation.tally = metrics::PixelTally{};
    evaluation.classes = of_.classes;
  }

  void add(data::Batch& batch, Evaluation& evaluation) override {
    const EvaluateSettings& settings = of_.settings;
    const at::Tensor scores = pixel_scores(of_.executor, of_.state, batch, settings.precision, settings.views,
                                           settings.pixels, of_.preprocess.size);
    check_outputs(of_.classes, scores);
    for (std::uint8_t& pixel : batch.masks) pixel = to_output_[pixel];
    const at::Tensor masks = tasks::mask_tensor(batch.masks, {batch.size, batch.height, batch.width});
    if (!settings.allow_not_finite) expect_finite(scores, batch, of_.source);
    double loss = 0;  // image by image: whatever batch one is in, its pixels count the same
    for (std::int64_t i = 0; i < batch.size; ++i) {
      loss += tasks::pixel_loss_sum(scores.narrow(0, i, 1), masks.narrow(0, i, 1)).item<double>();
    }
    const at::Tensor predicted = tasks::predicted_masks(scores).contiguous();
    evaluation.tally += metrics::Tally(tasks::pixel_tally(predicted, masks, scores.size(1), loss));
    if (settings.on_loss) settings.on_loss(batch.size, loss);
    if (settings.on_mask) tell(predicted, batch);
  }

 private:
  void tell(const at::Tensor& predicted, const data::Batch& batch) const {
    const auto* pixels = predicted.const_data_ptr<std::uint8_t>();
    for (std::int64_t i = 0; i < batch.size; ++i) {
      image::Image mask(batch.height, batch.width, 1);
      image::Image truth = mask;
      std::copy_n(pixels + i * std::ssize(mask.pixels), mask.pixels.size(), mask.pixels.begin());
      std::copy_n(batch.masks.begin() + i * std::ssize(mask.pixels), mask.pixels.size(), truth.pixels.begin());
      of_.settings.on_mask(batch.indices[static_cast<std::size_t>(i)], truth, mask);
    }
  }

  std::array<std::uint8_t, 256> to_output_{};  ///< of a class of the source
};

}  // namespace

std::unique_ptr<TaskEvaluation> pixel_evaluation(Evaluated of) {
  return std::make_unique<PixelEvaluation>(std::move(of));
}

}  // namespace springbok::model
