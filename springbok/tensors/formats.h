// The readers of the three file forms.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "springbok/tensors/read.h"

namespace springbok::tensors {

/// A whole file in memory, what keeps it there, and how messages call it.
struct Source {
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> owner;
  std::string name;
};

bool is_zip(std::span<const std::byte> bytes);
bool is_legacy(std::span<const std::byte> bytes);
bool is_safetensors(std::span<const std::byte> bytes);

File read_zip(const Source& source);
File read_legacy(const Source& source);
File read_safetensors(const Source& source);

}  // namespace springbok::tensors
