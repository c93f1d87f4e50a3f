// A tensor of a file and its place in a network: what matching finds and loading follows.
#pragma once

#include <cstddef>

namespace springbok::tensors {

/// `dict[entry]` goes to the network's `param`-th parameter.
struct Pair {
  std::size_t param = 0;
  std::size_t entry = 0;
};

}  // namespace springbok::tensors
