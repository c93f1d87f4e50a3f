// Layers as golden files of counters write them: `Conv2d(8, 12, 3, stride=2, groups=4, bias=False)`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "springbok/graph/graph.h"

namespace springbok::golden {

/// One call of a text: its name, its positional arguments and `name=value` ones; of "no bias" and such the words.
struct LayerCall {
  std::string name;
  std::vector<std::string> arguments;

  std::optional<std::string> named(const std::string& key) const;
  std::string positional(std::size_t i) const;  ///< "" where there are not so many
  std::int64_t number(std::size_t i, const std::string& key, std::int64_t otherwise) const;
  bool says(const std::string& words) const;
};

/// `A(1, 2), B, C(x=3)` as calls, `Sequential(...)` opened.
std::vector<LayerCall> calls_of(const std::string& text);

/// The network of such a text on an input (N,C,H,W) or (N,C). A text may leave the padding of a convolution out:
/// `padding` is what then counts. Throws Error for a layer that is not known.
graph::Graph network_of(const std::string& text, const graph::Shape& input, std::int64_t padding = 0);

}  // namespace springbok::golden
