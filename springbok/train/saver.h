// Writing checkpoints beside the training: what is to be saved is copied, and a thread writes it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <string>

#include "springbok/tensors/value.h"

namespace springbok::train {

/// Memory for copies, used again and again.
class CopyRoom {
 public:
  /// The same tree over copies of its tensors, whose strides and sharing stay. It holds until the next call. Throws
  /// std::bad_alloc where there is no memory for it.
  tensors::Value copy(const tensors::Value& root);

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

  /// Waits for the write before, copies, and returns while a thread calls `write`. Where there is no memory for a copy,
  /// or no thread to be had, it is written before this returns.
  void save(const tensors::Value& root, Write write);
  /// Waits until nothing is being written.
  void wait();
  /// Throws what a write has failed with, if one has; does not wait.
  void expect_saved();

  std::function<void(const std::string& why)> lost;  ///< called by the destructor alone

 private:
  CopyRoom room_;
  std::future<void> writing_;
};

}  // namespace springbok::train
