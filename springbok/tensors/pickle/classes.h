// The allow-list: what the globals of a tensor dictionary are.
#pragma once

#include <string>

#include "springbok/tensors/pickle/heap.h"

namespace springbok::tensors::pickle {

/// The class or function `module.name`. Throws Error naming it when it is not on the list.
Class find_class(Heap& heap, const std::string& name);

}  // namespace springbok::tensors::pickle
