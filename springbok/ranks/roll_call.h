// Inside the room: which ranks are gone, as those that are left find out together.
#pragma once

#include <string>
#include <torch/csrc/distributed/c10d/Store.hpp>

#include "springbok/ranks/place.h"

namespace springbok::ranks {

/// `ranks 2, 3 are gone or hang`. Each rank that is left calls this when a call of the group failed; it says so in the
/// store, and waits a few seconds for the others. Never throws.
std::string missing_text(c10d::Store& store, const Place& place);

}  // namespace springbok::ranks
