// Inside the room: JSON of any length as RapidJSON reads it, through a buffer.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "springbok/base/random_file.h"

namespace springbok::data {

/// RapidJSON's concept of an input stream. A byte order mark at the beginning is passed over. At the end, and at a NUL,
/// the parser stops: `Tell` says whether that was the end.
class JsonStream {
 public:
  using Ch = char;  // NOLINT(readability-identifier-naming): the concept's names, as those below
  /// Fills the room from that byte on.
  using Read = std::function<void(std::uint64_t, std::span<std::byte>)>;

  JsonStream(Read read, std::uint64_t size) : read_(std::move(read)), size_(size), buffer_(kBuffer + 1) {
    refill();
    constexpr unsigned char kMark[] = {0xEF, 0xBB, 0xBF};
    if (end_ - at_ >= 3 && std::equal(kMark, kMark + 3, reinterpret_cast<const unsigned char*>(at_))) at_ += 3;
  }
  JsonStream(const JsonStream&) = delete;
  JsonStream& operator=(const JsonStream&) = delete;

  Ch Peek() const { return *at_; }
  Ch Take() {
    const Ch taken = *at_;
    if (at_ != end_ && ++at_ == end_) refill();
    return taken;
  }
  std::size_t Tell() const { return static_cast<std::size_t>(first_) + static_cast<std::size_t>(at_ - buffer_.data()); }
  std::uint64_t size() const { return size_; }

  // For writing, which nobody does.
  Ch* PutBegin() { return nullptr; }
  void Put(Ch /*c*/) {}
  void Flush() {}
  std::size_t PutEnd(Ch* /*begin*/) { return 0; }

 private:
  static constexpr std::size_t kBuffer = std::size_t{1} << 18;

  /// The part of the file that follows the buffer's; at the end a NUL and nothing else.
  void refill() {
    if (end_ != nullptr) first_ += static_cast<std::uint64_t>(end_ - buffer_.data());
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(kBuffer, size_ - first_));
    if (count > 0) read_(first_, std::as_writable_bytes(std::span(buffer_)).first(count));
    buffer_[count] = '\0';
    at_ = buffer_.data();
    end_ = at_ + count;
  }

  Read read_;
  std::uint64_t size_, first_ = 0;  ///< where the buffer begins in the file
  std::vector<char> buffer_;
  const char* at_ = nullptr;
  const char* end_ = nullptr;
};

}  // namespace springbok::data
