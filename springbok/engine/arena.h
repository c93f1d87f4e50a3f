// One range of addresses, handed out in blocks: each in the lowest gap that holds it.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <unordered_map>

namespace springbok::engine {

/// Memory for tensors. A training step allocates and frees the same blocks again and again. In the lowest gap each,
/// they lie within a few percent of what is alive at the peak. A general allocator, which splits what it hands out to
/// align it, needs a quarter more. Pages are taken at their first use and kept. Safe from several threads.
class Arena {
 public:
  static constexpr std::size_t kAlignment = 64;  ///< of every block, bytes: a cache line, and what vector loads want

  /// Reserves `capacity` bytes of address space, no memory yet. Where the system refuses, the arena is empty:
  /// `allocate` then always answers null.
  explicit Arena(std::size_t capacity);
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// A block of at least `bytes` (> 0) bytes, or null when no gap holds it.
  void* allocate(std::size_t bytes);
  /// Whether `block` came from this arena.
  bool owns(const void* block) const;
  /// Gives back a block that it owns.
  void release(void* block);

  /// The end of the highest block ever handed out, bytes from the start: the memory taken from the system.
  std::size_t high_water() const;

 private:
  mutable std::mutex mutex_;
  std::byte* start_ = nullptr;
  std::size_t capacity_ = 0;
  std::size_t high_water_ = 0;
  std::map<std::size_t, std::size_t> gaps_;              // offset to size; never two that touch
  std::unordered_map<std::size_t, std::size_t> blocks_;  // offset to size
};

}  // namespace springbok::engine
