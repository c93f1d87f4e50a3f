// Blocks that several families share.
#pragma once

#include <string>
#include <utility>

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

/// Dropout and the classifier `key` on flat features; ends the graph.
void head(const Scope& root, Value features, const ModelOptions& options, const std::string& key,
          const graph::LinearOptions& linear = {});

/// Mean over the image, then `head`.
void classifier(const Scope& root, Value x, const ModelOptions& options, const std::string& key = "fc");

/// Projection shortcut `downsample.0` (1x1 convolution), `downsample.1` (batch norm); `x` itself when shapes agree.
Value shortcut(const Scope& block, Value x, std::int64_t out, std::int64_t stride, const graph::NormOptions& norm = {});

/// The two activations of a squeeze-and-excitation.
struct ExciteOptions {
  graph::Act squeeze = graph::Act::relu;
  graph::Act excite = graph::Act::sigmoid;
};

/// Squeeze-and-excitation with two biased 1x1 convolutions `squeeze` and `excite`.
Value squeeze_excite(const Scope& scope, Value x, std::int64_t hidden, const std::string& squeeze,
                     const std::string& excite, const ExciteOptions& options = {});

/// PyTorch's Sequential: each call adds a child, which takes the next number as its key, with or without weights.
class Sequential {
 public:
  Sequential(Scope scope, Value x) : scope_(std::move(scope)), x_(x) {}

  Sequential& conv(const graph::ConvOptions& options);
  Sequential& norm(const graph::NormOptions& options = {});
  Sequential& act(graph::Act kind);
  Sequential& max_pool(const graph::PoolOptions& options);
  Sequential& linear(const graph::LinearOptions& options);
  Sequential& dropout(double p);
  /// A child of several layers: `make(scope, value) -> value`.
  template <class F>
  Sequential& add(F make) {
    x_ = make(next(), x_);
    return *this;
  }

  Value value() const { return x_; }

 private:
  Scope next() { return scope_ / number_++; }

  Scope scope_;
  Value x_;
  std::int64_t number_ = 0;
};

/// Options of a depthwise convolution of `x`: one group a channel.
graph::ConvOptions depthwise(Value x, std::int64_t kernel, std::int64_t stride);

/// The multiple of `divisor` nearest to `value`, never 10 % below it nor below `divisor` (Howard et al. 2019's code).
std::int64_t round_channels(double value, std::int64_t divisor = 8);

/// Stride of a one-convolution stem: 2, or 1 with `stem = small`.
inline std::int64_t stem_stride(const ModelOptions& options) {
  return options.stem == Stem::small ? 1 : 2;
}

/// `norm` with the gamma of a residual branch's last norm.
inline graph::NormOptions last_norm(const ModelOptions& options, graph::NormOptions norm = {}) {
  if (options.zero_gamma) norm.gamma = graph::Init::zeros;
  return norm;
}

/// Refuses an option for which `family` has no place: `stem = small`, or zero-gamma.
void refuse_small_stem(const ModelOptions& options, const std::string& family);
void refuse_zero_gamma(const ModelOptions& options, const std::string& family);

}  // namespace springbok::zoo
