// Where tensors and everything else get their memory.
#include "springbok/engine/memory.h"

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <unistd.h>

#include <climits>
#include <cstdlib>  // defines __GLIBC__

#include "springbok/engine/arena.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace springbok::engine {
namespace {

/// Smaller blocks than this stay with LibTorch's own allocator: there are many, and together they are nothing.
constexpr std::size_t kSmall = 32 << 10;
/// Addresses reserved for each byte of the machine's memory: more than can be filled, whatever gaps are left.
constexpr std::size_t kAddressesPerByte = 4;

/// Never destroyed: tensors of static lifetime may be freed after any destructor.
Arena& arena() {
  static auto& all = *new Arena(kAddressesPerByte * static_cast<std::size_t>(sysconf(_SC_PHYS_PAGES)) *
                                static_cast<std::size_t>(sysconf(_SC_PAGESIZE)));
  return all;
}

void free_block(void* block) {
  if (arena().owns(block)) {
    arena().release(block);
  } else {
    c10::GetDefaultCPUAllocator()->raw_deallocate(block);
  }
}

/// LibTorch's allocator, with the arena for all but small blocks.
class TensorAllocator final : public c10::Allocator {
 public:
  c10::DataPtr allocate(std::size_t bytes) override {
    void* block = bytes < kSmall ? nullptr : arena().allocate(bytes);
    if (block == nullptr) block = c10::GetDefaultCPUAllocator()->raw_allocate(bytes);
    return {block, block, &free_block, at::Device(at::DeviceType::CPU)};
  }
  c10::DeleterFnPtr raw_deleter() const override { return &free_block; }
  void copy_data(void* to, const void* from, std::size_t bytes) const override { default_copy_data(to, from, bytes); }
};

}  // namespace

void tune_allocator() {
#ifdef __GLIBC__
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, INT_MAX);
  mallopt(M_TOP_PAD, 64 << 20);
#endif
#ifndef __SANITIZE_ADDRESS__  // which sees a write past a tensor's end only in blocks of its own
  static auto& allocator = *new TensorAllocator;
  c10::SetCPUAllocator(&allocator, /*priority=*/1);
#endif
}

}  // namespace springbok::engine
