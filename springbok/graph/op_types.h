// What every op is made of.
#pragma once

#include <array>
#include <cstdint>

namespace springbok::graph {

using ParamId = std::int32_t;
inline constexpr ParamId kNoParam = -1;

/// Heights before widths.
using Pair = std::array<std::int64_t, 2>;

}  // namespace springbok::graph
