// Scores over the views of an image.
#include "springbok/model/views.h"

#include <ATen/ops/add.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/logaddexp.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/sub.h>

#include <algorithm>
#include <cmath>

#include "springbok/base/choice.h"
#include "springbok/base/text.h"

namespace springbok::model {
namespace {

/// Turns each row of pixels round.
void mirror(data::Batch& batch) {
  const auto channels = static_cast<std::size_t>(batch.channels);
  const std::size_t row = static_cast<std::size_t>(batch.width) * channels;
  for (std::size_t at = 0; at < batch.pixels.size(); at += row) {
    float* const pixels = batch.pixels.data() + at;
    for (std::size_t left = 0, right = row - channels; left < right; left += channels, right -= channels) {
      std::swap_ranges(pixels + left, pixels + left + channels, pixels + right);
    }
  }
}

}  // namespace

const std::vector<std::string>& tta_names() {
  static const std::vector<std::string> names{"none", "flip"};
  return names;
}

const std::vector<std::string>& tta_mean_names() {
  static const std::vector<std::string> names{"logits", "probabilities"};
  return names;
}

at::Tensor scores(const engine::Executor& executor, const engine::State& state, data::Batch& batch, Precision precision,
                  const Views& views) {
  const at::Tensor own = outputs_of(executor, state, batch, precision);
  if (views.tta == Tta::none) return own;
  data::Batch mirrored = batch;
  mirror(mirrored);
  const at::Tensor other = outputs_of(executor, state, mirrored, precision);
  if (views.mean == TtaMean::logits) return at::mul(at::add(own, other), 0.5);
  return at::sub(at::logaddexp(at::log_softmax(own, 1), at::log_softmax(other, 1)), std::log(2.0));
}

std::string to_text(const Views& views) {
  if (views.tta == Tta::none) return "";
  return format("; each image also mirrored, mean of {}", name_of(views.mean, tta_mean_names()));
}

}  // namespace springbok::model
