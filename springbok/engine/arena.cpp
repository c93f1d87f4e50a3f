// One range of addresses, handed out in blocks.
#include "springbok/engine/arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <iterator>

namespace springbok::engine {

Arena::Arena(std::size_t capacity) {
  void* range = mmap(nullptr, capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (range == MAP_FAILED) return;
  madvise(range, capacity, MADV_HUGEPAGE);  // a wish: where there are none, small pages do
  start_ = static_cast<std::byte*>(range);
  capacity_ = capacity;
  gaps_.emplace(0, capacity);
}

Arena::~Arena() {
  if (start_ != nullptr) munmap(start_, capacity_);
}

void* Arena::allocate(std::size_t bytes) {
  const std::size_t size = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  const std::lock_guard lock(mutex_);
  const auto gap = std::find_if(gaps_.begin(), gaps_.end(), [&](const auto& each) { return each.second >= size; });
  if (gap == gaps_.end()) return nullptr;
  const auto [offset, free] = *gap;
  const auto next = gaps_.erase(gap);
  if (free > size) gaps_.emplace_hint(next, offset + size, free - size);
  blocks_.emplace(offset, size);
  high_water_ = std::max(high_water_, offset + size);
  return start_ + offset;
}

bool Arena::owns(const void* block) const {
  const auto* byte = static_cast<const std::byte*>(block);
  return start_ != nullptr && byte >= start_ && byte < start_ + capacity_;
}

void Arena::release(void* block) {
  const std::lock_guard lock(mutex_);
  const auto used = blocks_.find(static_cast<std::size_t>(static_cast<std::byte*>(block) - start_));
  auto [offset, size] = *used;
  blocks_.erase(used);
  auto after = gaps_.lower_bound(offset);
  if (after != gaps_.end() && offset + size == after->first) {
    size += after->second;
    after = gaps_.erase(after);
  }
  if (after != gaps_.begin()) {
    const auto before = std::prev(after);
    if (before->first + before->second == offset) {
      before->second += size;
      return;
    }
  }
  gaps_.emplace_hint(after, offset, size);
}

std::size_t Arena::high_water() const {
  const std::lock_guard lock(mutex_);
  return high_water_;
}

}  // namespace springbok::engine
