// Memory of an image kept from call to call: fresh memory for each costs more time than a pass over it.
#pragma once

#include <cstddef>
#include <utility>

#include "springbok/image/image.h"

namespace springbok::image {

/// One a thread. Large images are not kept.
class Scratch {
 public:
  /// What was kept, of any shape; `reshaped` makes use of it.
  Image take() { return std::exchange(image_, {}); }
  void give_back(Image image) {
    constexpr std::size_t kMostKept = std::size_t{16} << 20;
    if (image.pixels.capacity() <= kMostKept) image_ = std::move(image);
  }

 private:
  Image image_;
};

}  // namespace springbok::image
