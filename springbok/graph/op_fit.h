// The ops without weights that rearrange channels or fit a map to a size.
#pragma once

#include <array>
#include <cstdint>

namespace springbok::graph {

/// Average pooling to a fixed height and width: window i of n over a size s spans [floor(i s / n), ceil((i + 1) s /
/// n)).
struct AdaptivePool {
  std::array<std::int64_t, 2> size{1, 1};
};

/// Zeros around the image so that a convolution without padding gives ceil(size / stride), TensorFlow's SAME: an odd
/// one goes to the bottom and to the right.
struct PadSame {
  std::array<std::int64_t, 2> kernel{3, 3}, stride{2, 2};
};

/// Channels [first, first + count): (N,C,H,W) -> (N,count,H,W).
struct SliceChannels {
  std::int64_t first = 0, count = 0;
};

/// Channel shuffle (Zhang et al. 2018, sec. 3.1): channel g * (C / groups) + i becomes i * groups + g.
struct ShuffleChannels {
  std::int64_t groups = 2;
};

/// Softmax across `radix` equal runs of channels, (N,C,H,W) kept: the channels c, c + C / radix, ... share one sum
/// (Zhang et al. 2020, sec. 3.1).
struct RadixSoftmax {
  std::int64_t radix = 2;
};

/// Each pixel repeated factor x factor times.
struct UpsampleNearest {
  std::int64_t factor = 2;
};

}  // namespace springbok::graph
