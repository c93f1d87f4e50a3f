// The C library's allocator, tuned for tensors.
#pragma once

namespace springbok::engine {

/// Keeps freed tensors' pages in the process instead of giving each back to the system and faulting it in again, which
/// costs a training step up to a fifth of its time. Call first in `main`; does nothing where the allocator is not
/// glibc's.
void tune_allocator();

}  // namespace springbok::engine
