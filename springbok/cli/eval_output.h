// Inside the program: what `eval` prints and writes, one kind a task.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "springbok/base/threads.h"
#include "springbok/cli/compute.h"
#include "springbok/data/source/damaged.h"
#include "springbok/metrics/bootstrap.h"
#include "springbok/metrics/label_report.h"
#include "springbok/metrics/pixel_report.h"
#include "springbok/model/evaluate.h"

namespace springbok::cli {

/// How a mask that was predicted on Elastic's crop comes back to its image: at its place, or as segment.py saves it
/// (data/augment/joint.h, `cut_back_swapped`).
enum class CutBack : std::uint8_t { exact, elastic };

struct EvalAsked {
  ComputeOptions compute = {};
  std::string data = {}, split = "val", confusion = {}, predictions = {}, masks = {};
  std::int64_t limit = 0, topk = 5, bootstrap = 1000, seed = 0;
  double val_share = 0, threshold = 0.5;
  CutBack cut_back = CutBack::exact;
  data::DamagedJpeg damaged_jpeg = data::DamagedJpeg::refuse;
  bool per_class = false, json = false, quiet = false;
};

class EvalOutput {
 public:
  EvalOutput() = default;
  EvalOutput(const EvalOutput&) = delete;
  EvalOutput& operator=(const EvalOutput&) = delete;
  virtual ~EvalOutput() = default;
  /// Before the evaluation: what it is to keep.
  virtual void prepare(model::EvaluateSettings& settings) = 0;
  /// After it, and before the others are asked: the numbers that take long.
  virtual void finish(const model::Evaluation& /*evaluation*/) {}
  /// The metrics, the first of which are the images, and the classes where they are asked for.
  virtual nlohmann::ordered_json metrics(const model::Evaluation& evaluation) const = 0;
  virtual nlohmann::ordered_json classes(const model::Evaluation& evaluation) const = 0;
  /// The same for people; `rate` in images a second.
  virtual std::string text(const model::Evaluation& evaluation, double rate) const = 0;
  /// The files that are asked for.
  virtual void write(const model::Evaluation& evaluation) const = 0;
};

/// What the outputs of labels and of masks share: a report of metrics/ gives the numbers.
template <class Report>
class ReportOutput : public EvalOutput {
 public:
  explicit ReportOutput(const EvalAsked& asked) : asked_(asked) {}
  nlohmann::ordered_json metrics(const model::Evaluation& evaluation) const override {
    return metrics::to_json(report_, evaluation.classes, false);
  }
  nlohmann::ordered_json classes(const model::Evaluation& evaluation) const override {
    return metrics::to_json(report_, evaluation.classes, true)["classes"];
  }

 protected:
  metrics::Bootstrap bootstrap() const {
    return {.resamples = asked_.bootstrap, .seed = static_cast<std::uint64_t>(asked_.seed), .threads = usable_cores()};
  }

  const EvalAsked& asked_;
  Report report_;
};

/// Of one class an image, of labels, of each pixel's class. What they are given outlives them.
std::unique_ptr<EvalOutput> class_output(const EvalAsked& asked);
std::unique_ptr<EvalOutput> label_output(const EvalAsked& asked);
std::unique_ptr<EvalOutput> pixel_output(const EvalAsked& asked, const data::Source& source, const model::Card& card);

}  // namespace springbok::cli
