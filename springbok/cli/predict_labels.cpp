// What `predict` says of labels: those above the threshold, with their probabilities.
#include <ATen/core/Tensor.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <span>

#include "springbok/base/error.h"
#include "springbok/base/quote.h"
#include "springbok/cli/predict.h"
#include "springbok/metrics/thresholds.h"
#include "springbok/model/evaluate.h"

namespace springbok::cli {
namespace {

/// Whether the label of that probability is given: above the threshold, strictly.
bool is_given_label(const metrics::Guess& guess, double threshold) {
  return guess.probability > threshold;
}

class LabelPredictor final : public Predictor {
 public:
  explicit LabelPredictor(const PredictSeen& seen) : seen_(seen) {}

  void add(data::Batch& batch, const at::Tensor& scores) override {
    const at::Tensor logits = scores.to(at::kDouble).contiguous();
    const auto classes = static_cast<std::size_t>(logits.size(1));
    for (std::int64_t i = 0; i < batch.size; ++i) {
      const std::int64_t sample = batch.indices[static_cast<std::size_t>(i)];
      metrics::Labelled labelled{.image = seen_.input.images->name(sample), .truth = truth(batch, i), .scores = {}};
      labelled.scores = given({logits.const_data_ptr<double>() + i * logits.size(1), classes}, labelled.image);
      if (seen_.asked.json) {
        list_.push_back(seen_.to_json(labelled));
        list_.back()["threshold"] = seen_.asked.threshold;
      } else {
        print(labelled);
      }
    }
  }

 private:
  /// Those that are given, the likeliest first; the likeliest alone where none is.
  std::vector<metrics::Guess> given(std::span<const double> logits, const std::string& image) const {
    const std::vector<std::string>& names = seen_.network.card.classes;
    std::vector<std::size_t> order(logits.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return logits[a] > logits[b]; });
    std::vector<metrics::Guess> guesses;
    for (const std::size_t c : order) {
      if (!std::isfinite(logits[c])) model::fail_not_finite(image);
      guesses.push_back({names[c], metrics::probability_of(logits[c])});
    }
    const auto end = std::find_if(guesses.begin() + 1, guesses.end(), [&](const metrics::Guess& guess) {
      return !is_given_label(guess, seen_.asked.threshold);
    });
    guesses.erase(end, guesses.end());
    return guesses;
  }

  std::vector<std::string> truth(const data::Batch& batch, std::int64_t i) const {
    const std::vector<std::string>& names = seen_.input.images->classes();
    std::vector<std::string> labels;
    const auto first = static_cast<std::size_t>(i) * names.size();
    for (std::size_t c = 0; !batch.labels.empty() && c < names.size(); ++c) {
      if (batch.labels[first + c] != 0) labels.push_back(names[c]);
    }
    return labels;
  }

  void print(const metrics::Labelled& labelled) const {
    const std::string truth = labelled.truth.empty() ? "" : format(" (has {})", shortened(join(labelled.truth)));
    std::printf("%s%s\n", one_line(labelled.image).c_str(), truth.c_str());
    const metrics::Guess& best = labelled.scores.front();
    if (!is_given_label(best, seen_.asked.threshold)) {
      std::printf("  none above %s; the likeliest is %s, %.3f\n", format("{}", seen_.asked.threshold).c_str(),
                  shortened(best.name).c_str(), best.probability);
      return;
    }
    for (const metrics::Guess& guess : labelled.scores) {
      std::printf("  %6.3f  %s\n", guess.probability, shortened(guess.name).c_str());
    }
  }

  const PredictSeen& seen_;
};

}  // namespace

std::unique_ptr<Predictor> label_predictor(const PredictSeen& seen) {
  if (seen.network.card.classes.empty()) fail("the network has no labels");
  return std::make_unique<LabelPredictor>(seen);
}

}  // namespace springbok::cli
