// Inside the room: what sources of encoded images share; a kind adds names and where the bytes are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "springbok/data/source/digest.h"
#include "springbok/data/source/source.h"

namespace springbok::data {

/// Classes and targets are filled by the derived class's constructor; `read` may be called from many threads.
class BytesSource : public Source {
 public:
  std::int64_t size() const override { return static_cast<std::int64_t>(targets_.size()); }
  const std::vector<std::string>& classes() const override { return classes_; }
  int channels() const override { return 3; }
  std::int64_t target(std::int64_t index) const override { return targets_.at(static_cast<std::size_t>(index)); }
  std::string description() const override { return description_; }
  image::Image image(std::int64_t index, int channels) const override { return encoded(index, channels)->whole(); }
  std::optional<image::Encoded> encoded(std::int64_t index, int channels) const override {
    std::vector<std::byte> memory = image::Encoded::spare();
    const image::Encoded::Contents contents = read(index, memory);
    return image::Encoded(std::move(memory), contents, channels, name(index));
  }
  std::string digest() const override {
    Digest digest;
    digest.add_all(classes_);
    for (std::int64_t i = 0; i < size(); ++i) digest.add(name(i));
    digest.add(std::as_bytes(std::span(targets_)));
    return digest.hex();
  }

 protected:
  /// Reads the encoded image into `memory`, which grows where it must, and says where it lies in it. Throws Error
  /// naming the file or the sample.
  virtual image::Encoded::Contents read(std::int64_t index, std::vector<std::byte>& memory) const = 0;

  std::vector<std::string> classes_;
  std::vector<std::int32_t> targets_;
  std::string description_;
};

}  // namespace springbok::data
