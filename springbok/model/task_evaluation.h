// Inside the room: what an evaluation does with a batch, one kind a task.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "springbok/model/evaluate.h"

namespace springbok::model {

/// What it runs on; all of it outlives the evaluation.
struct Evaluated {
  const engine::Executor& executor;
  const engine::State& state;
  const std::vector<std::string>& classes;  ///< of the outputs
  const data::Source& source;
  const data::Preprocess& preprocess;
  const EvaluateSettings& settings;
  std::vector<std::int64_t> to_output;  ///< of each class of the source; below 0 for one without images

  std::string name(const data::Batch& batch, std::int64_t i) const {
    return source.name(batch.indices[static_cast<std::size_t>(i)]);
  }
};

class TaskEvaluation {
 public:
  explicit TaskEvaluation(Evaluated of) : of_(std::move(of)) {}
  TaskEvaluation(const TaskEvaluation&) = delete;
  TaskEvaluation& operator=(const TaskEvaluation&) = delete;
  virtual ~TaskEvaluation() = default;
  /// Before the first batch.
  virtual void begin(Evaluation& evaluation) const = 0;
  virtual void add(data::Batch& batch, Evaluation& evaluation) = 0;

 protected:
  Evaluated of_;
};

std::unique_ptr<TaskEvaluation> class_evaluation(Evaluated of);
std::unique_ptr<TaskEvaluation> label_evaluation(Evaluated of);
std::unique_ptr<TaskEvaluation> pixel_evaluation(Evaluated of);

}  // namespace springbok::model
