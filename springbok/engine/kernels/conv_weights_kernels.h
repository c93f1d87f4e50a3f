// The weights' gradient of plain convolutions over channels-last float rows: what kernels/conv_weights.cpp puts
// together. It is a product of matrices, (out x pixels) by (pixels x taps in), made in tiles that stay in registers.
#pragma once

#include <cstdint>
#include <vector>

namespace springbok::engine {

constexpr std::int64_t kTileOuts = 6;  ///< output channels of a tile: with kTileIns, all sums stay in registers
constexpr std::int64_t kTileIns = 16;  ///< input channels of a tile

/// Sizes of a convolution of one group. Heights before widths.
struct ConvSizes {
  std::int64_t images, height, width, in;  ///< `in`: channels, a multiple of 8
  std::int64_t out_height, out_width, out;
  std::int64_t kernel[2], stride[2], padding[2], dilation[2];  ///< dilated ones have no stride

  bool dilated() const { return dilation[0] > 1 || dilation[1] > 1; }
  std::int64_t taps() const { return kernel[0] * kernel[1]; }
  std::int64_t rows() const { return images * out_height; }  ///< of the output, all images'
  std::int64_t in_panels() const { return (in + kTileIns - 1) / kTileIns; }
  std::int64_t out_panels() const { return (out + kTileOuts - 1) / kTileOuts; }
  /// Values of a panel of input channels' gradient: out panel, tap, channel of the out panel, channel of the in panel.
  std::int64_t panel_values() const { return out_panels() * taps() * kTileOuts * kTileIns; }
};

/// Where a task works: rows of the output [first, end) and panels of input channels [panel, panel_end).
struct ConvTask {
  std::int64_t first, end, panel, panel_end;
};

/// Writes the gradient of a task's panels that its rows give: (panel_end - panel) x panel_values(). `x` is (images,
/// height, width, in), `gradient` (images, out_height, out_width, out). Sums have one order, whatever the panels.
void conv_weights(const ConvSizes& conv, const ConvTask& task, const float* x, const float* gradient, float* panels);

}  // namespace springbok::engine
