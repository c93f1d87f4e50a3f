// Blocks that several families share.
#pragma once

#include <string>

#include "springbok/graph/build.h"
#include "springbok/zoo/zoo.h"

namespace springbok::zoo {

using graph::Scope;
using graph::Value;

/// Convolution `conv{suffix}` and its batch norm `bn{suffix}`, no activation.
Value conv_bn(const Scope& scope, const std::string& suffix, Value x, const graph::ConvOptions& conv,
              const graph::NormOptions& norm = {});

/// The ImageNet stem: 7x7 stride 2, batch norm, ReLU, 3x3 max pooling stride 2; with `stem = small` a 3x3 convolution
/// at full resolution. Keys `conv1`, `bn1`.
Value stem(const Scope& root, const ModelOptions& options, std::int64_t width, const graph::NormOptions& norm = {});

/// Mean over the image, dropout, and the classifier `fc`.
void classifier(const Scope& root, Value x, const ModelOptions& options);

/// Projection shortcut `downsample.0` (1x1 convolution), `downsample.1` (batch norm); `x` itself when shapes agree.
Value shortcut(const Scope& block, Value x, std::int64_t out, std::int64_t stride, const graph::NormOptions& norm = {});

/// Squeeze-and-excitation with two biased 1x1 convolutions `squeeze` and `excite`.
Value squeeze_excite(const Scope& scope, Value x, std::int64_t hidden, const std::string& squeeze,
                     const std::string& excite);

/// gamma of a residual branch's last norm.
inline graph::NormOptions last_norm(const ModelOptions& options) {
  return {.gamma = options.zero_gamma ? graph::Init::zeros : graph::Init::ones};
}

}  // namespace springbok::zoo
