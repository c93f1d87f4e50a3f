// Where tensors and everything else get their memory.
#pragma once

#include "springbok/base/error.h"

namespace springbok::engine {

/// The memory for a pass ended.
class OutOfMemory : public Error {
 public:
  using Error::Error;
};

/// Makes tensors live in one arena (arena.h), and everything else keep its freed pages. Giving each back to the system
/// and faulting it in again costs a training step up to a fifth of its time. Call first in `main`. Under
/// AddressSanitizer tensors stay with LibTorch's allocator.
void tune_allocator();

}  // namespace springbok::engine
