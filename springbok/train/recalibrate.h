// Running statistics of batch norms made anew from batches.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <optional>

#include "springbok/engine/state.h"
#include "springbok/graph/graph.h"

namespace springbok::train {

/// Each running statistic becomes the mean of its batches' (torch.optim.swa_utils.update_bn), each batch counted alike.
/// `next` gives batches (N,C,H,W) until it gives none. They run as in training, with dropout named by `seed` and the
/// batch's number. Frozen norms stay. Returns how many images there were.
std::int64_t recalibrate(const graph::Graph& graph, engine::State& state,
                         const std::function<std::optional<at::Tensor>()>& next, std::uint64_t seed);

}  // namespace springbok::train
