// Blocks of files on servers, kept for a while: what is read in small parts is fetched in large ones, ahead of time
// where the reader says what comes.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include "springbok/data/shards/http_file.h"

namespace springbok::data {

/// Holds `blocks` blocks of `block` bytes at most, and those that are being read from; the ones least lately used go
/// first. From many threads at once: a block that one thread fetches, others wait for. The files must outlive it.
class BlockCache {
 public:
  BlockCache(std::size_t block, std::size_t blocks) : block_(block), blocks_(blocks) {}
  ~BlockCache();
  BlockCache(const BlockCache&) = delete;
  BlockCache& operator=(const BlockCache&) = delete;

  /// Fills `room` from `offset` of the file, which callers number. Errors are those of HttpFile::read.
  void read(std::size_t number, const HttpFile& file, std::uint64_t offset, std::span<std::byte> room);
  /// The part will soon be read: threads of its own fetch its blocks. Ignored when a quarter of all blocks is already
  /// waited for. What goes wrong is left to `read`, which tries anew.
  void expect(std::size_t number, const HttpFile& file, std::uint64_t offset, std::uint64_t size);

 private:
  enum class State : std::uint8_t { waiting, fetching, ready };
  struct Block {
    const HttpFile* file = nullptr;
    std::vector<std::byte> bytes;
    State state = State::waiting;
    std::exception_ptr error;
    int readers = 0;         ///< it stays as long as there are some
    std::uint64_t used = 0;  ///< when last
  };
  using Key = std::pair<std::size_t, std::uint64_t>;  ///< file, block

  /// The block with one reader more, waiting to be fetched where it is new. The lock is held.
  Block& held(const Key& key, const HttpFile& file);
  /// The block, ready, with one reader more.
  Block& open(const Key& key, const HttpFile& file);
  void fetch(std::unique_lock<std::mutex>& lock, Block& block, std::uint64_t index, const std::stop_token& stop = {});
  void close(const Key& key, Block& block);
  void make_room();
  void start_fetchers();
  void fetch_expected(const std::stop_token& stop);

  std::size_t block_, blocks_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::map<Key, std::unique_ptr<Block>> held_;
  std::uint64_t clock_ = 0;
  std::deque<Key> expected_;  ///< blocks for the fetchers; some may be held no more, or fetched by a reader
  std::condition_variable_any expecting_;
  std::vector<std::jthread> fetchers_;  ///< last: joined before anything else goes
};

}  // namespace springbok::data
