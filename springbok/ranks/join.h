// Joining the other ranks of a training.
#pragma once

#include <chrono>
#include <memory>

#include "springbok/engine/group.h"
#include "springbok/ranks/place.h"

namespace springbok::ranks {

/// Meets all other ranks at the place's url, and returns when all are there. A call of the group whose other rank is
/// gone or hangs throws engine::RankLost, which names that rank, at most `timeout` later. Three quarters of it a call
/// may last, and then those that are left find out who is missing. So does this where not all come in time. On the CPU,
/// by c10d's Gloo. Throws Error where this LibTorch has none.
///
/// With `devices` tensors may lie on CUDA devices too, one device a rank; those travel by NCCL.
std::unique_ptr<engine::Group> join(const Place& place, std::chrono::milliseconds timeout, bool devices = false);

/// Whether this build has NCCL.
bool has_nccl();

}  // namespace springbok::ranks
