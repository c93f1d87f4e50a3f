// The weights' gradient of plain convolutions, for each instruction set. Some rows of the output at a time, both sides
// are copied so that a tile reads them in order. The gradient lies by panels of kTileOuts channels, the image, with its
// padding, by panels of kTileIns. All taps read the same copies.
#include "springbok/engine/kernels/conv_weights_kernels.h"

#include <hwy/aligned_allocator.h>

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "springbok/engine/kernels/conv_weights_kernels.cpp"
// Accumulators are arrays of vectors, which vectors of unknown size do not allow.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#include <hwy/foreach_target.h>  // compiles this file once for each instruction set
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace springbok::engine {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<float, 8>;
using V = hn::Vec<D>;
constexpr int kOuts = kTileOuts, kIns = kTileIns;
constexpr int kVectors = kIns / static_cast<int>(hn::MaxLanes(D()));
constexpr std::int64_t kPanelPixels =
    320;  ///< of the image in a block, for each step of stride: 20 KiB, in the first cache

/// The rows of the output in a block, and where the image's copy begins for each.
struct Block {
  std::int64_t first = 0, end = 0;
  std::vector<std::int64_t> starts;  ///< of each row, in pixels of the copy
  std::int64_t pixels = 0;           ///< of the copy
};

/// How the image is copied: all columns and rows that taps meet, or where a stride leaps over some, those alone.
struct Copy {
  std::int64_t leap[2], step[2], line;  ///< image pixels a copied one; copied pixels an output; copied pixels a row
  explicit Copy(const ConvSizes& conv) {
    for (int i = 0; i < 2; ++i) {
      const bool sparse = conv.kernel[i] == 1;
      leap[i] = sparse ? conv.stride[i] : 1;
      step[i] = sparse ? 1 : conv.stride[i];
    }
    line = (conv.out_width - 1) * step[1] + conv.kernel[1];
  }
  std::int64_t rows(const ConvSizes& conv, std::int64_t outputs) const {
    return (outputs - 1) * step[0] + conv.kernel[0];
  }
};

/// Rows from `first` on, as many as fit, of one image or of more.
void next_block(const ConvSizes& conv, const Copy& copy, std::int64_t first, std::int64_t end, Block* block) {
  const std::int64_t most = kPanelPixels * copy.step[1];
  block->first = block->end = first;
  block->pixels = 0;
  block->starts.clear();
  while (block->end < end) {
    const std::int64_t row = block->end % conv.out_height;
    const bool begins = row == 0 || block->end == first;
    const std::int64_t more = (begins ? conv.kernel[0] : copy.step[0]) * copy.line;
    if (block->end > first && block->pixels + more > most) return;
    block->starts.push_back(begins ? block->pixels : block->starts.back() + copy.step[0] * copy.line);
    block->pixels += more;
    ++block->end;
  }
}

/// One panel of the image's channels from `channel` on, as the block needs it: pixel by pixel, kIns values each.
void copy_image(const ConvSizes& conv, const Copy& copy, const Block& block, std::int64_t channel, const float* x,
                float* to) {
  const D d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const std::int64_t there = std::min<std::int64_t>(kIns, conv.in - channel);
  std::int64_t copied = -1;  // the last pixel row that was copied, by its start
  for (std::int64_t row = block.first; row < block.end; ++row) {
    const std::int64_t start = block.starts[static_cast<std::size_t>(row - block.first)], image = row / conv.out_height;
    for (std::int64_t k = 0; k < conv.kernel[0]; ++k) {
      if (start + k * copy.line <= copied) continue;
      copied = start + k * copy.line;
      float* out = to + copied * kIns;
      const std::int64_t line = row % conv.out_height * conv.stride[0] - conv.padding[0] + k;
      const float* const from = x + (image * conv.height + line) * conv.width * conv.in + channel;
      for (std::int64_t p = 0; p < copy.line; ++p, out += kIns) {
        const std::int64_t column = p * copy.leap[1] - conv.padding[1];
        const bool inside = line >= 0 && line < conv.height && column >= 0 && column < conv.width;
        for (std::int64_t c = 0; c < kIns; c += lanes) {
          const bool read = inside && c < there;
          hn::StoreU(read ? hn::LoadU(d, from + column * conv.in + c) : hn::Zero(d), d, out + c);
        }
      }
    }
  }
}

/// Values of one panel of the gradient's copy. A store of a whole vector may go past the panel's last pixel.
std::int64_t panel_size(std::int64_t pixels) {
  return pixels * kOuts + kTileIns;
}

/// The block's gradient by panels: panel, pixel, kOuts values each; beyond the last channel 0. What a vector has too
/// much, the next pixel overwrites.
void copy_gradient(const ConvSizes& conv, const Block& block, const float* gradient, float* to) {
  const D d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const std::int64_t pixels = (block.end - block.first) * conv.out_width, size = panel_size(pixels);
  const std::int64_t whole = conv.out < 2 * lanes ? 0 : (conv.out - 2 * lanes) / kOuts + 1;
  const float* from = gradient + block.first * conv.out_width * conv.out;
  for (std::int64_t p = 0; p < pixels; ++p, from += conv.out) {
    float* out = to + p * kOuts;
    for (std::int64_t panel = 0; panel < whole; ++panel, out += size) {
      for (std::int64_t o = 0; o < kOuts; o += lanes) {
        hn::StoreU(hn::LoadU(d, from + panel * kOuts + o), d, out + o);
      }
    }
    for (std::int64_t panel = whole; panel < conv.out_panels(); ++panel, out += size) {
      for (std::int64_t o = 0; o < kOuts; ++o) {
        const std::int64_t channel = panel * kOuts + o;
        out[o] = channel < conv.out ? from[channel] : 0.0F;
      }
    }
  }
}

/// What a tile reads: `width` pixels from each of `count` starts of the image's copy, `step` values apart. Of the
/// gradient's copy as many, whose rows are `line` pixels long.
struct Pixels {
  const std::int64_t* starts;
  std::int64_t count, width, step, line;
};

/// One tile: kOuts x kIns sums over all pixels, written or, if not `first`, added.
HWY_NOINLINE void tile(const Pixels& pixels, const float* HWY_RESTRICT x, const float* HWY_RESTRICT gradient,
                       bool first, float* HWY_RESTRICT to) {
  const D d;
  constexpr int kLanes = static_cast<int>(hn::MaxLanes(D()));
  V sums[kOuts][kVectors];
#pragma GCC unroll 6
  for (int o = 0; o < kOuts; ++o) {  // NOLINT(modernize-loop-convert): sums are registers
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) sums[o][v] = hn::Zero(d);
  }
  for (std::int64_t row = 0; row < pixels.count; ++row) {
    const float* HWY_RESTRICT from = x + pixels.starts[row] * kIns;
    const float* HWY_RESTRICT given = gradient + row * pixels.line * kOuts;
    for (std::int64_t p = 0; p < pixels.width; ++p, from += pixels.step, given += kOuts) {
      V values[kVectors];
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) values[v] = hn::LoadU(d, from + v * kLanes);
#pragma GCC unroll 6
      for (int o = 0; o < kOuts; ++o) {
        const V g = hn::Set(d, given[o]);
#pragma GCC unroll 4
        for (int v = 0; v < kVectors; ++v) sums[o][v] = hn::MulAdd(g, values[v], sums[o][v]);
      }
    }
  }
#pragma GCC unroll 6
  for (int o = 0; o < kOuts; ++o) {
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      float* const at = to + o * kIns + v * kLanes;
      hn::StoreU(first ? sums[o][v] : hn::Add(hn::LoadU(d, at), sums[o][v]), d, at);
    }
  }
}

void dense_weights(const ConvSizes& conv, const ConvTask& task, const float* x, const float* gradient, float* panels) {
  const Copy copy(conv);
  Block block;
  const std::int64_t most = (kPanelPixels * copy.step[1] + conv.kernel[0] * copy.line) * kIns;
  const auto image = hwy::AllocateAligned<float>(static_cast<std::size_t>(most));
  const std::int64_t most_rows = kPanelPixels * copy.step[1] / (copy.step[0] * copy.line) + 1;
  const std::int64_t given = conv.out_panels() * panel_size(most_rows * conv.out_width);
  const auto outputs = hwy::AllocateAligned<float>(static_cast<std::size_t>(given));
  for (std::int64_t row = task.first; row < task.end; row = block.end) {
    next_block(conv, copy, row, task.end, &block);
    const std::int64_t count = block.end - block.first, pixels = count * conv.out_width;
    copy_gradient(conv, block, gradient, outputs.get());
    const Pixels read{block.starts.data(), count, conv.out_width, copy.step[1] * kIns, conv.out_width};
    float* to = panels;
    for (std::int64_t panel = task.panel; panel < task.panel_end; ++panel) {
      copy_image(conv, copy, block, panel * kIns, x, image.get());
      for (std::int64_t o = 0; o < conv.out_panels(); ++o) {
        for (std::int64_t tap = 0; tap < conv.taps(); ++tap, to += kOuts * kIns) {
          const std::int64_t off = tap / conv.kernel[1] * copy.line + tap % conv.kernel[1];
          tile(read, image.get() + off * kIns, outputs.get() + o * panel_size(pixels), row == task.first, to);
        }
      }
    }
  }
}

/// What a tap of a dilated convolution meets: so many rows and columns of the output, and where they begin in both.
struct Window {
  std::int64_t sizes[2], output[2], image[2];

  /// Of the output's rows [row, row_end).
  Window(const ConvSizes& conv, std::int64_t tap, std::int64_t row, std::int64_t row_end) {
    const std::int64_t at[2] = {tap / conv.kernel[1], tap % conv.kernel[1]}, sides[2] = {conv.height, conv.width};
    const std::int64_t from[2] = {row, 0}, to[2] = {row_end, conv.out_width};
    for (int i = 0; i < 2; ++i) {
      const std::int64_t off = at[i] * conv.dilation[i] - conv.padding[i];
      output[i] = std::max(from[i], -off);
      image[i] = output[i] + off;
      sizes[i] = std::min(to[i], sides[i] - off) - output[i];
    }
    if (sizes[0] <= 0 || sizes[1] <= 0) *this = Window(row);
  }

 private:
  /// Of nothing.
  explicit Window(std::int64_t row) : sizes{0, 0}, output{row, 0}, image{0, 0} {}
};

/// One panel of an image's channels, all pixels.
void copy_whole_image(const ConvSizes& conv, std::int64_t image, std::int64_t channel, const float* x, float* to) {
  const D d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const std::int64_t there = std::min<std::int64_t>(kIns, conv.in - channel), pixels = conv.height * conv.width;
  const float* from = x + image * pixels * conv.in + channel;
  for (std::int64_t p = 0; p < pixels; ++p, from += conv.in, to += kIns) {
    for (std::int64_t c = 0; c < kIns; c += lanes) {
      hn::StoreU(c < there ? hn::LoadU(d, from + c) : hn::Zero(d), d, to + c);
    }
  }
}

/// Dilated taps lie far apart, and many of them beyond the image: each reads what it meets of the whole image's copy,
/// which has no padding.
void dilated_weights(const ConvSizes& conv, const ConvTask& task, const float* x, const float* gradient,
                     float* panels) {
  const auto image = hwy::AllocateAligned<float>(static_cast<std::size_t>(conv.height * conv.width * kIns));
  const std::int64_t size = panel_size(conv.out_height * conv.out_width);
  const auto outputs = hwy::AllocateAligned<float>(static_cast<std::size_t>(conv.out_panels() * size));
  std::vector<std::int64_t> starts;
  for (std::int64_t line = 0; line < conv.height; ++line) starts.push_back(line * conv.width);
  Block block;
  std::vector<Window> windows;
  for (block.first = task.first; block.first < task.end; block.first = block.end) {
    const std::int64_t which = block.first / conv.out_height, top = block.first % conv.out_height;
    block.end = std::min(task.end, (which + 1) * conv.out_height);
    const std::int64_t count = block.end - block.first, given = panel_size(count * conv.out_width);
    copy_gradient(conv, block, gradient, outputs.get());
    windows.clear();
    for (std::int64_t tap = 0; tap < conv.taps(); ++tap) windows.emplace_back(conv, tap, top, top + count);
    float* to = panels;
    for (std::int64_t panel = task.panel; panel < task.panel_end; ++panel) {
      copy_whole_image(conv, which, panel * kIns, x, image.get());
      for (std::int64_t o = 0; o < conv.out_panels(); ++o) {
        for (const Window& met : windows) {
          const Pixels read{starts.data() + met.image[0], met.sizes[0], met.sizes[1], kIns, conv.out_width};
          const std::int64_t pixel = (met.output[0] - top) * conv.out_width + met.output[1];
          tile(read, image.get() + met.image[1] * kIns, outputs.get() + o * given + pixel * kOuts,
               block.first == task.first, to);
          to += kOuts * kIns;
        }
      }
    }
  }
}

void conv_weights(const ConvSizes& conv, const ConvTask& task, const float* x, const float* gradient, float* panels) {
  (conv.dilated() ? dilated_weights : dense_weights)(conv, task, x, gradient, panels);
}

}  // namespace HWY_NAMESPACE
}  // namespace springbok::engine
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace springbok::engine {

HWY_EXPORT(conv_weights);

void conv_weights(const ConvSizes& conv, const ConvTask& task, const float* x, const float* gradient, float* panels) {
  HWY_DYNAMIC_DISPATCH(conv_weights)(conv, task, x, gradient, panels);
}

}  // namespace springbok::engine
#endif
