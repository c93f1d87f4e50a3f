// A rank's share of a batch that was loaded whole.
#pragma once

#include "springbok/data/load/loader.h"
#include "springbok/recipe/feed.h"

namespace springbok::train {

/// Keeps of a batch of B images, and of what they are mixed with, [B rank / ranks, B (rank + 1) / ranks): the share
/// that a loader gives.
void keep_share(data::Batch& batch, recipe::Mixed& mixed, int rank, int ranks);

}  // namespace springbok::train
