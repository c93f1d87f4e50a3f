// From the objects of a pickle to a tree of values: cycles refused, sharing bounded.
#pragma once

#include "springbok/tensors/pickle/heap.h"

namespace springbok::tensors::pickle {

/// The tree below `root`, once every storage has its bytes. `pickle_bytes` bounds its size: a pickle that names one
/// object again and again cannot grow without end. Throws Error for cycles, keys used twice and nesting deeper than
/// 200.
Value to_tree(const Heap& heap, Id root, std::size_t pickle_bytes);

}  // namespace springbok::tensors::pickle
