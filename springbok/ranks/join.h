// Joining the other ranks of a training.
#pragma once

#include <chrono>
#include <memory>

#include "springbok/engine/group.h"
#include "springbok/ranks/place.h"

namespace springbok::ranks {

/// Meets all other ranks at the place's url, and returns when all are there. A call of the group that lasts longer than
/// `timeout`, as one does whose other rank is gone, throws engine::RankLost, which names that rank. So does this where
/// not all come in time. On the CPU, by c10d's Gloo. Throws Error where this LibTorch has none.
std::unique_ptr<engine::Group> join(const Place& place, std::chrono::milliseconds timeout);

}  // namespace springbok::ranks
