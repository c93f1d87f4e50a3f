// Writing weight files, all or nothing: `.safetensors`, and a zip `.pt` that `torch.load(weights_only=True)` opens.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "springbok/tensors/value.h"

namespace springbok::tensors {

/// Writes a tree as a PyTorch zip file (tensors contiguous, one storage each, 64-byte aligned). Equal input gives equal
/// bytes. `sha256` becomes that of the bytes that were given to the system.
void write_pt(const std::filesystem::path& path, const Value& root, std::string* sha256 = nullptr);

/// Writes named tensors with text metadata, tensors sorted by decreasing element size then name, as the format's own
/// writer does.
void write_safetensors(const std::filesystem::path& path, const StateDict& tensors,
                       const std::map<std::string, std::string>& metadata);

}  // namespace springbok::tensors
