// Blocks of files on servers, kept for a while: what is read in small parts is fetched in large ones.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "springbok/data/http_file.h"

namespace springbok::data {

/// Holds `blocks` blocks of `block` bytes at most, and those that are being read from; the ones least lately used go
/// first. From many threads at once: a block that one thread fetches, others wait for.
class BlockCache {
 public:
  BlockCache(std::size_t block, std::size_t blocks) : block_(block), blocks_(blocks) {}

  /// Fills `room` from `offset` of the file, which callers number. Errors are those of HttpFile::read.
  void read(std::size_t number, const HttpFile& file, std::uint64_t offset, std::span<std::byte> room);

 private:
  struct Block {
    std::vector<std::byte> bytes;
    bool ready = false;
    std::exception_ptr error;
    int readers = 0;         ///< it stays as long as there are some
    std::uint64_t used = 0;  ///< when last
  };
  using Key = std::pair<std::size_t, std::uint64_t>;  ///< file, block

  /// The block, ready, with one reader more.
  Block& open(const Key& key, const HttpFile& file);
  void fetch(std::unique_lock<std::mutex>& lock, Block& block, std::uint64_t index, const HttpFile& file);
  void close(const Key& key, Block& block);
  void make_room();

  std::size_t block_, blocks_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::map<Key, std::unique_ptr<Block>> held_;
  std::uint64_t clock_ = 0;
};

}  // namespace springbok::data
