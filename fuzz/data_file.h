// Any bytes as the file of a source: written to memory, opened, every sample read.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace springbok::fuzz {

/// Reads the training part of the source KIND that has nothing but one file, NAME in its folder. Errors are swallowed.
void read_source(const std::string& kind, const std::string& name, std::span<const std::byte> bytes);

}  // namespace springbok::fuzz
