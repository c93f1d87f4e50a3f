// In which sizes a class is present in an image, as bits: what sources of labels say and metrics count.
#pragma once

#include <cstddef>
#include <cstdint>

namespace springbok {

/// 0 where the class is absent. `kUnsized`: the data say no size.
inline constexpr std::uint8_t kSmall = 1, kMedium = 2, kLarge = 4, kUnsized = 8;
inline constexpr std::size_t kSizes = 3;

}  // namespace springbok
