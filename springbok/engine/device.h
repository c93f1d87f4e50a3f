// Where a network computes: the CPU, a CUDA device, or one that a program has plugged into LibTorch.
#pragma once

#include <c10/core/Device.h>

#include <string>

namespace springbok::engine {

/// Reads `cpu`, `cuda` (the first) or `cuda:N`. Beside these it reads the name of a backend that this process has
/// registered with LibTorch as its PrivateUse1. Throws a usage error naming `where` (`--device`) for other texts, and
/// for a device that this build or this machine lacks.
at::Device parse_device(const std::string& text, const std::string& where);

/// CUDA devices of this machine that this build can use.
int cuda_devices();
/// Why there are none, where there are none: it follows `--device cuda: `.
const char* why_no_cuda();
/// What a process sets once before it computes there.
void tune_cuda();

}  // namespace springbok::engine
