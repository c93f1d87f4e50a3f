// The precision that a network computes in.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace springbok {

/// fp32 throughout, or mixed: bfloat16 or float16 where PyTorch's autocast lists have it, float32 elsewhere. Weights,
/// their gradients and running statistics are float32 in all of them.
enum class Precision : std::uint8_t { fp32, bf16, fp16 };

/// Their names, in the order above.
inline const std::vector<std::string>& precision_names() {
  static const std::vector<std::string> names{"fp32", "bf16", "fp16"};
  return names;
}

}  // namespace springbok
