// How much memory a piece of code asks for at its peak.
#pragma once

#include <cstddef>

namespace springbok::tensors {

/// Bytes from operator new that live at once, at most, from its making on. One at a time.
class AllocationMeter {
 public:
  AllocationMeter();
  std::size_t peak() const;
};

}  // namespace springbok::tensors
