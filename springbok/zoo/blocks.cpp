// Blocks that several families share.
#include "springbok/zoo/blocks.h"

#include <algorithm>

#include "springbok/base/error.h"

namespace springbok::zoo {

using namespace graph;

Value conv_bn(const Scope& scope, const std::string& suffix, Value x, const ConvOptions& conv_options,
              const NormOptions& norm_options) {
  return norm(scope / ("bn" + suffix), conv(scope / ("conv" + suffix), x, conv_options), norm_options);
}

Value stem(const Scope& root, const ModelOptions& options, std::int64_t width, const NormOptions& norm_options) {
  const Value x = input(*root.graph, options.channels);
  if (options.stem == Stem::small) return relu(conv_bn(root, "1", x, {.out = width, .kernel = 3}, norm_options));
  const Value y = relu(conv_bn(root, "1", x, {.out = width, .kernel = 7, .stride = 2}, norm_options));
  return max_pool(y, {.kernel = 3, .stride = 2, .padding = 1});
}

void head(const Scope& root, Value features, const ModelOptions& options, const std::string& key,
          const LinearOptions& linear_options) {
  LinearOptions with_classes = linear_options;
  with_classes.out = options.classes;
  output(linear(root / key, dropout(root / "dropout", features, options.dropout), with_classes));
}

void classifier(const Scope& root, Value x, const ModelOptions& options, const std::string& key) {
  head(root, flatten(global_pool(x)), options, key);
}

Value shortcut(const Scope& block, Value x, std::int64_t out, std::int64_t stride, const NormOptions& norm_options) {
  if (stride == 1 && x.channels() == out) return x;
  const Scope s = block / "downsample";
  return norm(s / 1, conv(s / 0, x, {.out = out, .stride = stride}), norm_options);
}

Value squeeze_excite(const Scope& scope, Value x, std::int64_t hidden, const std::string& squeeze,
                     const std::string& excite, const ExciteOptions& options) {
  const Value low = conv(scope / squeeze, global_pool(x), {.out = hidden, .bias = true});
  const Value high = conv(scope / excite, activation(low, options.squeeze), {.out = x.channels(), .bias = true});
  return gate(x, activation(high, options.excite));
}

Sequential& Sequential::conv(const ConvOptions& options) {
  return add([&](const Scope& s, Value x) { return graph::conv(s, x, options); });
}
Sequential& Sequential::norm(const NormOptions& options) {
  return add([&](const Scope& s, Value x) { return graph::norm(s, x, options); });
}
Sequential& Sequential::act(Act kind) {
  return add([&](const Scope&, Value x) { return activation(x, kind); });
}
Sequential& Sequential::max_pool(const PoolOptions& options) {
  return add([&](const Scope&, Value x) { return graph::max_pool(x, options); });
}
Sequential& Sequential::linear(const LinearOptions& options) {
  return add([&](const Scope& s, Value x) { return graph::linear(s, x, options); });
}
Sequential& Sequential::dropout(double p) {
  return add([&](const Scope& s, Value x) { return graph::dropout(s, x, p); });
}

ConvOptions depthwise(Value x, std::int64_t kernel, std::int64_t stride) {
  return {.out = x.channels(), .kernel = kernel, .stride = stride, .groups = x.channels()};
}

std::int64_t round_channels(double value, std::int64_t divisor) {
  const auto nearest = static_cast<std::int64_t>(value + static_cast<double>(divisor) / 2) / divisor * divisor;
  const std::int64_t at_least = std::max(divisor, nearest);
  return static_cast<double>(at_least) < 0.9 * value ? at_least + divisor : at_least;
}

void refuse_small_stem(const ModelOptions& options, const std::string& family) {
  if (options.stem != Stem::standard) fail_usage("{}: has no small stem; leave out --stem", family);
}

void refuse_zero_gamma(const ModelOptions& options, const std::string& family) {
  if (options.zero_gamma) fail_usage("{}: no residual branch ends in a norm; leave out --zero-gamma", family);
}

}  // namespace springbok::zoo
