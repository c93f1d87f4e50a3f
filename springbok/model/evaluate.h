// Evaluation: every image exactly once, classes matched by name.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "springbok/data/augment/transform.h"
#include "springbok/data/load/loader.h"
#include "springbok/data/source/source.h"
#include "springbok/engine/executor.h"
#include "springbok/engine/state.h"
#include "springbok/image/image.h"
#include "springbok/metrics/class_tally.h"
#include "springbok/metrics/prediction.h"
#include "springbok/metrics/tally.h"
#include "springbok/model/views.h"
#include "springbok/tasks/classify.h"

namespace springbok::model {

/// A sample, its true mask, and the predicted class of each of its pixels (255: none), both of the image's own size. It
/// is called in the source's order, from one thread.
using Painted = std::function<void(std::int64_t sample, const image::Image& truth, const image::Image& predicted)>;

struct EvaluateSettings {
  std::vector<std::int64_t> outputs = {};  ///< of each class of the source; empty: the output of the same name
  std::int64_t batch = 32;
  int workers = 1;
  bool confusion = false;
  Views views = {};              ///< of each image
  std::int64_t predictions = 0;  ///< best classes to keep of each sample; 0 keeps none
  std::string title = "eval";    ///< of the progress bar
  double plain_seconds = 10;
  bool quiet = false;
  Precision precision = Precision::fp32;
  bool allow_not_finite = false;    ///< outputs that are no numbers count as wrong; else they are an Error
  std::function<bool()> stop = {};  ///< asked before each batch
  Painted painted = {};             ///< of a source of masks, hears of each image
};

struct Evaluation {
  metrics::Tally tally;  ///< plain cross-entropy, without label smoothing
  std::vector<metrics::ClassCount> per_class;
  std::optional<metrics::Confusion> confusion;
  std::vector<metrics::Prediction> predictions;  ///< in the source's order
  bool stopped = false;                          ///< `stop` said so; the numbers cover a part only
};

/// Throws Error naming the first sample of the batch whose scores are not all finite.
void expect_finite(const tasks::Best& best, const data::Batch& batch, const data::Source& source);

/// Runs the network, whose outputs are `classes`, over all of a source; the loss is over all outputs, whatever classes
/// the source has. Without `outputs` a class of the source that is not among `classes` is an Error; a sample without a
/// class always is.
Evaluation evaluate(const engine::Executor& executor, const engine::State& state,
                    const std::vector<std::string>& classes, const data::Source& source,
                    const data::Transform& transform, const EvaluateSettings& settings);

}  // namespace springbok::model
