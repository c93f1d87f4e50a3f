// Fetching blocks once, some ahead of time, and dropping the oldest.
#include "springbok/data/shards/block_cache.h"

#include <algorithm>
#include <cstring>
#include <system_error>

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

void BlockCache::expect(std::size_t number, const HttpFile& file, std::uint64_t offset, std::uint64_t size) {
  const std::lock_guard lock(mutex_);
  for (std::uint64_t index = offset / block_; index * block_ < offset + size; ++index) {
    if (expected_.size() >= blocks_ / 4) return;
    const Key key{number, index};
    const bool fresh = !held_.contains(key);
    --held(key, file).readers;
    if (!fresh) continue;
    expected_.push_back(key);
    expecting_.notify_one();
  }
  if (!expected_.empty()) start_fetchers();
}

BlockCache::Block& BlockCache::held(const Key& key, const HttpFile& file) {
  std::unique_ptr<Block>& block = held_[key];
  const bool fresh = block == nullptr;
  if (fresh) block = std::make_unique<Block>();
  Block& found = *block;
  found.file = &file;
  found.used = ++clock_;
  ++found.readers;
  if (fresh) make_room();
  return found;
}

BlockCache::Block& BlockCache::open(const Key& key, const HttpFile& file) {
  std::unique_lock lock(mutex_);
  Block& block = held(key, file);
  if (block.state == State::waiting) {
    fetch(lock, block, key.second);
  } else {
    ready_.wait(lock, [&] { return block.state == State::ready; });
  }
  if (!block.error) return block;
  const std::exception_ptr error = block.error;
  if (--block.readers == 0) held_.erase(key);  // to be tried anew
  std::rethrow_exception(error);
}

void BlockCache::fetch(std::unique_lock<std::mutex>& lock, Block& block, std::uint64_t index,
                       const std::stop_token& stop) {
  block.state = State::fetching;
  lock.unlock();
  std::vector<std::byte> bytes;
  std::exception_ptr error;
  try {
    const HttpFile& file = *block.file;
    const std::uint64_t begin = index * block_;
    bytes.resize(begin < file.size() ? std::min<std::uint64_t>(block_, file.size() - begin) : 0);
    file.read(std::min(begin, file.size()), bytes, stop);
  } catch (...) {
    error = std::current_exception();
  }
  lock.lock();
  block.bytes = std::move(bytes);
  block.error = error;
  block.state = State::ready;
  ready_.notify_all();
}

/// Nothing is fetched ahead where the system gives no thread: readers fetch for themselves. The lock is held.
void BlockCache::start_fetchers() {
  constexpr std::size_t kFetchers = 4;
  try {
    while (fetchers_.size() < kFetchers) {
      fetchers_.emplace_back([this](const std::stop_token& stop) { fetch_expected(stop); });
    }
  } catch (const std::system_error&) {
    expected_.clear();
  }
}

void BlockCache::fetch_expected(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (expecting_.wait(lock, stop, [&] { return !expected_.empty(); }) && !stop.stop_requested()) {
    const Key key = expected_.front();
    expected_.pop_front();
    const auto found = held_.find(key);
    if (found == held_.end() || found->second->state != State::waiting) continue;
    Block& block = *found->second;
    ++block.readers;
    fetch(lock, block, key.second, stop);
    if (--block.readers == 0 && (block.error || held_.size() > blocks_)) held_.erase(key);
  }
}

BlockCache::~BlockCache() {
  for (std::jthread& fetcher : fetchers_) fetcher.request_stop();
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
