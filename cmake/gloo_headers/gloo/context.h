// Stands in for Gloo's own header, which LibTorch's packages leave out: what c10d's header names, and no more.
#pragma once

#include <chrono>

namespace gloo {
class Context {
 public:
  void setTimeout(std::chrono::milliseconds timeout);
};
}  // namespace gloo
