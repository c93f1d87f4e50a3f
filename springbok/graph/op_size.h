// The ops that change a map's height and width without weights: padding, resizing, cutting.
#pragma once

#include <cstdint>

namespace springbok::graph {

/// Replicate-pads the right column and the bottom row where the width or height is odd, so that both become even.
struct PadEven {};

/// Bilinear upsampling by an integer factor, corners not aligned.
struct Upsample {
  std::int64_t factor = 2;
};

/// Cuts the first input to the height and width of the second, keeping the top left.
struct CropLike {};

/// Bilinear resizing of the first input to the height and width of the second (Chen et al. 2017, arXiv:1706.05587,
/// sec. 3.3). Corners are aligned, as the code that Elastic comes from has it, or not, as torchvision. Only the
/// second's size is read.
struct UpsampleLike {
  bool aligned = true;
};

/// Elastic's way down where it depends on the size (Wang et al. 2019, DenseNet): 2x2 means, the last row and column
/// repeated where the height or width is odd. A map of height `keep` stays as it is.
struct Halve {
  std::int64_t keep = 0;
};

/// The way back from Halve: bilinear upsampling by 2, corners not aligned, cut to the second input's height and width.
/// A map that has them already stays as it is.
struct Restore {};

/// Cuts the bottom and the right so that height and width are multiples of `size` where they are at least that: what
/// a published network's fixed pooling window sees.
struct WholeCells {
  std::int64_t size = 7;
};

/// Cuts `amount` rows at the bottom and columns at the right.
struct Trim {
  std::int64_t amount = 1;
};

}  // namespace springbok::graph
