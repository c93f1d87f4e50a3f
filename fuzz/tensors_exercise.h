// What every fuzzer of the weights room does with a file.
#pragma once

#include <cstddef>
#include <span>

namespace springbok::weights {

/// Reads the bytes and, when they are a file, everything that a caller can do with it. An Error is a good end.
void exercise(std::span<const std::byte> bytes);

}  // namespace springbok::weights
