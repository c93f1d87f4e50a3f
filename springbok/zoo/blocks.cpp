// Blocks that several families share.
#include "springbok/zoo/blocks.h"

namespace springbok::zoo {

using namespace graph;

Value conv_bn(const Scope& scope, const std::string& suffix, Value x, const ConvOptions& conv_options,
              const NormOptions& norm_options) {
  return norm(scope / ("bn" + suffix), conv(scope / ("conv" + suffix), x, conv_options), norm_options);
}

Value stem(const Scope& root, const ModelOptions& options, std::int64_t width, const NormOptions& norm_options) {
  const Value x = input(*root.graph, options.channels);
  if (options.stem == "small") return relu(conv_bn(root, "1", x, {.out = width, .kernel = 3}, norm_options));
  const Value y = relu(conv_bn(root, "1", x, {.out = width, .kernel = 7, .stride = 2}, norm_options));
  return max_pool(y, {.kernel = 3, .stride = 2, .padding = 1});
}

void classifier(const Scope& root, Value x, const ModelOptions& options) {
  const Value features = dropout(root / "dropout", flatten(global_pool(x)), options.dropout);
  output(linear(root / "fc", features, {.out = options.classes}));
}

Value shortcut(const Scope& block, Value x, std::int64_t out, std::int64_t stride, const NormOptions& norm_options) {
  if (stride == 1 && x.channels() == out) return x;
  const Scope s = block / "downsample";
  return norm(s / 1, conv(s / 0, x, {.out = out, .stride = stride}), norm_options);
}

Value squeeze_excite(const Scope& scope, Value x, std::int64_t hidden, const std::string& squeeze,
                     const std::string& excite) {
  const Value low = relu(conv(scope / squeeze, global_pool(x), {.out = hidden, .bias = true}));
  const Value high = conv(scope / excite, low, {.out = x.channels(), .bias = true});
  return gate(x, activation(high, Act::sigmoid));
}

}  // namespace springbok::zoo
