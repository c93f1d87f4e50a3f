// Where a network computes: the CPU or one CUDA device.
#pragma once

#include <string>

namespace springbok::engine {

/// `cpu`, or the CUDA device of that number.
struct Device {
  int cuda = -1;  ///< -1: the CPU

  bool is_cpu() const { return cuda < 0; }
  std::string name() const;  ///< `cpu`, `cuda:0`
  /// Whether this build and this machine have it.
  bool available() const;
  bool operator==(const Device&) const = default;
};

/// Reads `cpu`, `cuda` (the first) or `cuda:N`. Throws a usage error naming `where` (`--device`) for other texts, and
/// for a device that this build or this machine lacks.
Device parse_device(const std::string& text, const std::string& where);

/// CUDA devices of this machine that this build can use.
int cuda_devices();
/// Why there are none, where there are none: it follows `--device cuda: `.
const char* why_no_cuda();

}  // namespace springbok::engine
