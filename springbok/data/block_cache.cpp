// Fetching blocks once, and dropping the oldest.
#include "springbok/data/block_cache.h"

#include <algorithm>
#include <cstring>

namespace springbok::data {

void BlockCache::read(std::size_t number, const HttpFile& file, std::uint64_t offset, std::span<std::byte> room) {
  while (!room.empty()) {
    const Key key{number, offset / block_};
    Block& block = open(key, file);
    const std::size_t from = offset % block_, size = std::min(room.size(), block_ - from);
    if (from + size > block.bytes.size()) {  // past the file's end: the file's own words for it
      close(key, block);
      file.read(offset, room);
      return;
    }
    std::memcpy(room.data(), block.bytes.data() + from, size);
    close(key, block);
    room = room.subspan(size);
    offset += size;
  }
}

BlockCache::Block& BlockCache::open(const Key& key, const HttpFile& file) {
  std::unique_lock lock(mutex_);
  std::unique_ptr<Block>& held = held_[key];
  const bool mine = held == nullptr;
  if (mine) held = std::make_unique<Block>();
  Block& block = *held;
  ++block.readers;
  block.used = ++clock_;
  if (mine) {
    make_room();
    fetch(lock, block, key.second, file);
  } else {
    ready_.wait(lock, [&] { return block.ready; });
  }
  if (!block.error) return block;
  const std::exception_ptr error = block.error;
  if (--block.readers == 0) held_.erase(key);  // to be tried anew
  std::rethrow_exception(error);
}

void BlockCache::fetch(std::unique_lock<std::mutex>& lock, Block& block, std::uint64_t index, const HttpFile& file) {
  lock.unlock();
  std::vector<std::byte> bytes;
  std::exception_ptr error;
  try {
    const std::uint64_t begin = index * block_;
    bytes.resize(begin < file.size() ? std::min<std::uint64_t>(block_, file.size() - begin) : 0);
    file.read(std::min(begin, file.size()), bytes);
  } catch (...) {
    error = std::current_exception();
  }
  lock.lock();
  block.bytes = std::move(bytes);
  block.error = error;
  block.ready = true;
  ready_.notify_all();
}

void BlockCache::close(const Key& key, Block& block) {
  const std::lock_guard lock(mutex_);
  if (--block.readers == 0 && held_.size() > blocks_) held_.erase(key);
}

/// Drops what has not been used for longest. The lock is held.
void BlockCache::make_room() {
  while (held_.size() > blocks_) {
    auto oldest = held_.end();
    for (auto each = held_.begin(); each != held_.end(); ++each) {
      if (each->second->readers > 0) continue;
      if (oldest == held_.end() || each->second->used < oldest->second->used) oldest = each;
    }
    if (oldest == held_.end()) return;
    held_.erase(oldest);
  }
}

}  // namespace springbok::data
