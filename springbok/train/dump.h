// What is kept of a step that ended in NaN: enough to run it again.
#pragma once

#include <string>

#include "springbok/data/loader.h"
#include "springbok/data/source.h"
#include "springbok/engine/state.h"
#include "springbok/graph/graph.h"
#include "springbok/train/run_folder.h"

namespace springbok::train {

/// Writes `input` (N,C,H,W), `targets`, `names`, `step` and `state_dict` as a file that torch.load opens; returns its
/// path.
std::string dump(const RunFolder& folder, data::Batch& batch, const graph::Graph& graph, const engine::State& state,
                 const data::Source& source, std::int64_t step);

/// The batch's sample names for a message: all of a few, else the first and how many more.
std::string sample_names(const data::Batch& batch, const data::Source& source);

}  // namespace springbok::train
