// Inside the program: what `predict` is asked, and what it does with the images, one kind a task.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "springbok/cli/compute.h"
#include "springbok/data/load/loader.h"
#include "springbok/data/source/damaged.h"
#include "springbok/metrics/prediction.h"

namespace springbok::cli {

struct PredictAsked {
  ComputeOptions compute{.workers = 0};
  std::vector<std::string> images;
  std::string split = "val", out = {};
  data::DamagedJpeg damaged_jpeg = data::DamagedJpeg::refuse;
  data::Damaged damaged;
  std::int64_t topk = 5, limit = 0;
  double val_share = 0, threshold = 0.5;
  bool json = false;
};

/// What is to be predicted, and for each of its classes what the truth is called; "" where that is not known.
struct PredictInput {
  std::unique_ptr<data::Source> images;
  std::vector<std::string> truths;
};

/// All of it outlives the prediction.
struct PredictSeen {
  const PredictAsked& asked;
  const model::Network& network;
  const PredictInput& input;

  /// An entry of the list, with how the image was preprocessed.
  nlohmann::ordered_json to_json(const metrics::Prediction& prediction) const;
};

/// Prints predictions, or makes a list of them for JSON.
class Predictor {
 public:
  Predictor() : list_(nlohmann::ordered_json::array()) {}
  Predictor(const Predictor&) = delete;
  Predictor& operator=(const Predictor&) = delete;
  virtual ~Predictor() = default;
  virtual void add(data::Batch& batch, const at::Tensor& logits) = 0;
  const nlohmann::ordered_json& list() const { return list_; }

 protected:
  nlohmann::ordered_json list_;
};

std::unique_ptr<Predictor> label_predictor(const PredictSeen& seen);

/// Images one by one, at their own size. Returns the list for JSON; prints where that was not asked for.
nlohmann::ordered_json predict_pixels(const PredictSeen& seen);

}  // namespace springbok::cli
