// Builders: free functions that append an op and return its value. An op that owns weights takes a Scope, whose path is
// the PyTorch state_dict prefix; a pure op takes only values. Each throws Error naming its layer for numbers that
// cannot be, for values of two graphs, and for a scope that has such a layer already.
#pragma once

#include <string>
#include <vector>

#include "springbok/graph/graph.h"

namespace springbok::graph {

/// A value of the graph under construction.
struct Value {
  Graph* graph = nullptr;
  NodeId id = -1;
  std::int64_t channels() const;
};

/// A place in the module tree. `scope / "layer1" / 0` has the path `layer1.0`.
struct Scope {
  Graph* graph = nullptr;
  std::string path;

  Scope operator/(const std::string& child) const;
  Scope operator/(std::int64_t child) const { return *this / std::to_string(child); }
};

struct ConvOptions {
  std::int64_t out = 0;
  std::int64_t kernel = 1;
  std::int64_t kernel_width = 0;  ///< 0: square
  std::int64_t stride = 1;
  std::int64_t padding = -1;  ///< -1: dilation * (kernel - 1) / 2, which keeps the size at stride 1
  std::int64_t dilation = 1;
  std::int64_t groups = 1;
  bool bias = false;
  Init init = Init::kaiming_fan_out;
  double init_scale = 1;  ///< of Init::normal and Init::uniform
};

struct ConvTransposeOptions {
  std::int64_t out = 0;
  std::int64_t kernel = 4;
  std::int64_t stride = 2;
  std::int64_t padding = 1;
  std::int64_t groups = 1;
  Init init = Init::bilinear;
  bool trainable = true;
};

struct NormOptions {
  double eps = 1e-5;
  double momentum = 0.1;
  Init gamma = Init::ones;  ///< zeros: zero-gamma (Goyal et al. 2017, sec. 5.1)
  bool affine = true;       ///< of a batch norm: with weight and bias
};

struct EvoNormOptions {
  double eps = 1e-5;
  double momentum = 0.1;
};

struct LambdaOptions {
  std::int64_t heads = 4;
  std::int64_t reach = 23;  ///< odd
};

struct LinearOptions {
  std::int64_t out = 0;
  bool bias = true;
  Init init = Init::uniform_fan_in;
  double init_scale = 1;
};

struct PoolOptions {
  std::int64_t kernel = 2;
  std::int64_t stride = 2;
  std::int64_t padding = 0;
  bool ceil = false;
  bool count_include_pad = true;
};

Value input(Graph& graph, std::int64_t channels);
Value conv(const Scope& scope, Value x, const ConvOptions& options);
Value conv_transpose(const Scope& scope, Value x, const ConvTransposeOptions& options);
Value norm(const Scope& scope, Value x, const NormOptions& options = {});
Value evo_norm(const Scope& scope, Value x, const EvoNormOptions& options = {});
Value switch_norm(const Scope& scope, Value x, const NormOptions& options = {}, SwitchForm form = SwitchForm::paper);
Value group_norm(const Scope& scope, Value x, std::int64_t groups, const NormOptions& options = {});
Value instance_norm(const Scope& scope, Value x);
Value channel_scale(const Scope& scope, Value x, Init weight = Init::ones);
Value linear(const Scope& scope, Value x, const LinearOptions& options);
Value dropout(const Scope& scope, Value x, double p);
Value drop_path(const Scope& scope, Value x, double p);
Value drop_block(const Scope& scope, Value x, const DropBlock& options);
Value prelu(const Scope& scope, Value x);
/// `x` as `conv` reads it, at places moved by `offset` (2 channels a tap) and weighted by `mask` (1 channel a tap).
Value deform_conv(const Scope& scope, Value x, Value offset, Value mask, const ConvOptions& options);
/// The depth is that of `key`. The parameters are named `pos_conv`.
Value lambda(const Scope& scope, Value query, Value key, Value value, const LambdaOptions& options);

Value activation(Value x, const Activation& kind);
Value activation(Value x, Act kind);
Value relu(Value x);
Value max_pool(Value x, const PoolOptions& options);
Value avg_pool(Value x, const PoolOptions& options);
Value lip_pool(Value x, Value importance, const LipPool& options = {});
Value global_pool(Value x);
Value adaptive_pool(Value x, std::int64_t size);  ///< to size x size
Value flatten(Value x);
Value add(Value a, Value b);
/// The sum that ends a residual block: its branch and its shortcut.
Value residual(const Scope& block, Value branch, Value shortcut);
Value gate(Value x, Value gate);
Value concat(const std::vector<Value>& values);
Value pad_even(Value x);
Value upsample(Value x, std::int64_t factor);
Value crop_like(Value x, Value reference);
Value upsample_like(Value x, Value reference, bool aligned = true);
Value halve(Value x, std::int64_t keep = 0);
Value restore(Value x, Value reference);
Value whole_cells(Value x, std::int64_t size);
Value trim(Value x, std::int64_t amount);
Value log_softmax(Value x);
Value pad_channels(Value x, std::int64_t out, std::int64_t stride);
Value pad_same(Value x, std::int64_t kernel, std::int64_t stride);
Value slice_channels(Value x, std::int64_t first, std::int64_t count);
Value shuffle_channels(Value x, std::int64_t groups);
Value radix_softmax(Value x, std::int64_t radix);
Value upsample_nearest(Value x, std::int64_t factor);

/// Keeps a value that nobody reads, or only other values so kept, for its running statistics (training only).
Value effect_only(Value x);

/// Says what Elastic's own FLOPs counter makes of this op: so many an input element, 0 where it does not see it.
Value counted(Value x, int per_element);

/// Declares the parameters of a convolution that the published network has and never runs: its keys must exist.
void unused_conv(const Scope& scope, std::int64_t in, const ConvOptions& options);

/// Moves this module's keys behind all others so far, where the published order is not that of the computation.
void keys_last(const Scope& scope);

void output(Value x);  ///< ends the graph with this value
/// A second output behind it, for training: its loss is added to the first one's (Lee et al. 2015, Zhao et al. 2017).
void auxiliary(Value x);

}  // namespace springbok::graph
