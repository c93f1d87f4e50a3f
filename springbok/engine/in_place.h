// What each op's backward keeps, which decides where a value may be overwritten.
#pragma once

#include "springbok/graph/op.h"

namespace springbok::engine {

/// What an op's backward reads again. An input that someone saved, or an output that its maker saved, must stay as it
/// is.
struct Saves {
  bool input = false;
  bool output = false;
  bool makes_view = false;  ///< the output shares the input's memory
};

/// The column beside each op; proven by gradient checks with and without overwriting.
Saves saves(const graph::Op& op);

/// Whether the op has a form that overwrites its first input.
bool can_overwrite(const graph::Op& op);

}  // namespace springbok::engine
