// What is kept of a step that ended in NaN: all that it needs to be run again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "springbok/data/load/loader.h"
#include "springbok/data/source/source.h"
#include "springbok/recipe/feed.h"
#include "springbok/tensors/value.h"
#include "springbok/train/stepper.h"

namespace springbok::train {

/// One batch of the step, as the network saw it.
struct StepBatch {
  data::Batch batch;
  recipe::Mixed mixed;
};

/// Writes a checkpoint of the moment before the step, with one entry more, `given`: `seed samples_in_step lr images
/// class_weights own error losses batches`. Each batch has `input` (N,C,H,W; the network sees it with channels last),
/// `targets partners share shares first_sample names indices`. Some tasks add `labels partner_labels` (N,classes) or
/// `masks` (N,H,W). torch.load opens it; --resume takes it, and so repeats the step (replay.h).
void dump(const std::filesystem::path& path, tensors::Dict checkpoint, tensors::Dict given,
          std::vector<StepBatch> batches, const data::Source& source);

/// Adds what the step ended in: `error`, a text, and `losses`, summed over each batch up to there.
void add_outcome(tensors::Dict& given, const NotFinite& error);

/// The batch's sample names for a message: all of a few, else the first and how many more.
std::string sample_names(const data::Batch& batch, const data::Source& source);

}  // namespace springbok::train
