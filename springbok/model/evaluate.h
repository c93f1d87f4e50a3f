// Evaluation: every image exactly once, classes matched by name.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "springbok/data/augment/pixel_transform.h"
#include "springbok/data/load/loader.h"
#include "springbok/data/source/source.h"
#include "springbok/engine/executor.h"
#include "springbok/engine/state.h"
#include "springbok/image/image.h"
#include "springbok/metrics/class_tally.h"
#include "springbok/metrics/prediction.h"
#include "springbok/metrics/tally.h"
#include "springbok/model/pixel_scores.h"
#include "springbok/model/views.h"
#include "springbok/tasks/classify.h"

namespace springbok::model {

struct EvaluateSettings {
  std::vector<std::int64_t> outputs = {};  ///< of each class of the source; empty: the output of the same name
  std::int64_t batch = 32;                 ///< of images of one size
  int workers = 1;
  bool confusion = false;
  Views views = {};        ///< of each image
  PixelViews pixels = {};  ///< of images whose pixels are scored
  /// Of images whose pixels are scored: hears of each true mask and the predicted one, classes of the network, in the
  /// source's order. 255: no class.
  std::function<void(std::int64_t sample, const image::Image& truth, const image::Image& mask)> on_mask = {};
  /// Hears of each batch's images and their summed loss, in order.
  std::function<void(std::int64_t images, double loss)> on_loss = {};
  std::int64_t predictions = 0;  ///< best classes to keep of each sample; 0 keeps none
  std::string title = "eval";    ///< of the progress bar
  double plain_seconds = 10;
  bool quiet = false;
  Precision precision = Precision::fp32;
  bool allow_not_finite = false;    ///< outputs that are no numbers count as wrong; else they are an Error
  std::function<bool()> stop = {};  ///< asked before each batch
};

struct Evaluation {
  metrics::Tally tally;              ///< plain cross-entropy, without label smoothing; of labels with their scores
  std::vector<std::string> classes;  ///< of the tally: of labels the source's, else the network's
  std::vector<metrics::ClassCount> per_class;
  std::optional<metrics::Confusion> confusion;
  std::vector<metrics::Prediction> predictions;  ///< in the source's order; of pixels none
  bool stopped = false;                          ///< `stop` said so; the numbers cover a part only
};

/// Throws Error naming the first sample of the batch whose scores are not all finite; `scores`: a row a sample.
void expect_finite(const tasks::Best& best, const data::Batch& batch, const data::Source& source);
void expect_finite(const at::Tensor& scores, const data::Batch& batch, const data::Source& source);
[[noreturn]] void fail_not_finite(const std::string& image);

/// Throws Error where the network has another number of outputs than there are class names.
void check_outputs(const std::vector<std::string>& classes, const at::Tensor& scores);

/// What a source is labelled for.
metrics::Task task_of(const data::Source& source);

/// What an evaluation of that protocol is given: of a source of masks, images at their own size or as Elastic pads
/// them.
data::SampleTransform evaluation_transform(const data::Preprocess& preprocess, data::TargetKind kind,
                                           Protocol protocol = Protocol::native);

/// Where the crop that `evaluate` takes of its `sample`-th image lies. Only of transforms that crop.
data::JointCrop evaluated_crop(const data::PixelTransform& transform, image::Size size, std::int64_t sample);

/// Runs the network, whose outputs are `classes`, over all of a source, and counts by what the source is labelled with:
/// classes, labels, or each pixel's class. The loss is over all outputs, whatever classes the source has; of labels
/// over the source's. Without `outputs` a class of the source that is not among `classes` is an Error; a sample without
/// a class always is. Images that keep their own size come one by one.
Evaluation evaluate(const engine::Executor& executor, const engine::State& state,
                    const std::vector<std::string>& classes, const data::Source& source,
                    const data::SampleTransform& transform, const EvaluateSettings& settings);

}  // namespace springbok::model
