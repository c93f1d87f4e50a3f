// Test-time augmentation: the scores of an image and of its mirror image, made one.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "springbok/model/input.h"

namespace springbok::model {

enum class Tta : std::uint8_t { none, flip };
const std::vector<std::string>& tta_names();
/// What is averaged: scores as the network gives them, or their softmax.
enum class TtaMean : std::uint8_t { logits, probabilities };
const std::vector<std::string>& tta_mean_names();

struct Views {
  Tta tta = Tta::none;
  TtaMean mean = TtaMean::logits;
};

/// Logits of a batch as `outputs_of` gives them: of the images, or the mean over them and their mirror images. Of mean
/// probabilities it is the logarithm, so that softmax gives them back.
at::Tensor scores(const engine::Executor& executor, const engine::State& state, data::Batch& batch, Precision precision,
                  const Views& views = {});

/// `; each image also mirrored, mean of logits`, or nothing.
std::string to_text(const Views& views);

}  // namespace springbok::model
