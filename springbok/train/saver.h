// Writing checkpoints beside the training: a thread copies what is to be saved, and writes it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "springbok/tensors/value.h"

namespace springbok::train {

/// A tree over memory of its own, and the bytes that are still to be copied there.
struct TreeCopy {
  struct Piece {
    const std::byte* from;
    std::byte* to;
    std::size_t size;
  };

  tensors::Value root, original;
  std::vector<Piece> pieces;

  void fill() const;
};

/// Memory for copies, used again and again.
class CopyRoom {
 public:
  /// The same tree over copies of its tensors, whose strides and sharing stay; `fill` copies. It holds until the next
  /// call. Throws std::bad_alloc where there is no memory for it.
  TreeCopy prepare(const tensors::Value& root);

 private:
  std::shared_ptr<std::byte[]> memory_;
  std::size_t size_ = 0;
};

/// One write at a time. Its failure is thrown by the next call of `save`, `wait` or `expect_saved`, once.
class Saver {
 public:
  using Write = std::function<void(const tensors::Value& root)>;

  Saver() = default;
  /// Waits. `lost` is given the failure that no call has thrown.
  ~Saver();
  Saver(const Saver&) = delete;
  Saver& operator=(const Saver&) = delete;

  /// Waits for the write before, and returns while a thread copies and calls `write`. Until `wait_copied` the tensors
  /// must stay as they are. Where there is no memory for a copy, or no thread to be had, it is written before this
  /// returns.
  void save(const tensors::Value& root, Write write);
  /// Waits until the tensors may change.
  void wait_copied();
  /// Waits until nothing is being written.
  void wait();
  /// Throws what a write has failed with, if one has; does not wait.
  void expect_saved();

  std::function<void(const std::string& why)> lost;  ///< called by the destructor alone

 private:
  CopyRoom room_;
  std::future<void> copied_, writing_;
};

}  // namespace springbok::train
