// The test binary's own operator new, which counts.
#include "tests/tensors/allocation.h"

#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<long> g_live{0}, g_peak{0};

void count(long bytes) {
  const long live = g_live += bytes;
  if (live > g_peak) g_peak = live;
}

}  // namespace

void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  void* const memory = std::malloc(size);
  if (memory != nullptr) count(static_cast<long>(malloc_usable_size(memory)));
  return memory;
}

void* operator new(std::size_t size) {
  void* const memory = operator new(size, std::nothrow);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void operator delete(void* memory) noexcept {
  if (memory == nullptr) return;
  count(-static_cast<long>(malloc_usable_size(memory)));
  std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept {
  operator delete(memory);
}

void operator delete(void* memory, const std::nothrow_t&) noexcept {
  operator delete(memory);
}

namespace springbok::tensors {

AllocationMeter::AllocationMeter() {
  g_live = 0;
  g_peak = 0;
}

std::size_t AllocationMeter::peak() const {
  return static_cast<std::size_t>(std::max(0L, g_peak.load()));
}

}  // namespace springbok::tensors
