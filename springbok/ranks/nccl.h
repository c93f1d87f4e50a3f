// Inside the room: tensors on CUDA devices travel by NCCL (nccl.cpp, or no_nccl.cpp).
#pragma once

#include <chrono>
#include <memory>
#include <torch/csrc/distributed/c10d/Store.hpp>

#include "springbok/engine/group.h"
#include "springbok/ranks/place.h"

namespace springbok::ranks {

/// The same ranks, whose tensors may lie on devices too: those then travel by c10d's NCCL, all else by `host`. Each
/// rank has a device of its own. Only where there is NCCL (join.h).
std::unique_ptr<engine::Group> with_nccl(std::unique_ptr<engine::Group> host,
                                         const c10::intrusive_ptr<c10d::Store>& store, const Place& place,
                                         std::chrono::milliseconds timeout);

}  // namespace springbok::ranks
