// Reading layers as golden files of counters write them.
#include "tests/golden/functions/layer_text.h"

#include <algorithm>
#include <cctype>
#include <map>

#include "springbok/base/error.h"
#include "springbok/graph/build.h"

namespace springbok::golden {
namespace {

using graph::Scope;
using graph::Value;

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(' ');
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

/// At commas outside brackets.
std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts(1);
  int depth = 0;
  for (const char c : text) {
    depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    if (c == ',' && depth == 0) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  for (std::string& part : parts) part = trimmed(part);
  return parts;
}

bool is_word(const std::string& argument) {
  return !argument.empty() && argument.find('=') == std::string::npos && std::isalpha(argument.front()) != 0;
}

/// `stride 2` as `stride=2`.
std::string with_equals(std::string argument) {
  const std::size_t space = argument.find(' ');
  const bool number =
      space != std::string::npos && argument.find_first_not_of("0123456789", space + 1) == argument.npos;
  if (is_word(argument) && number) argument[space] = '=';
  return argument;
}

using Make = Value (*)(const Scope&, Value, const LayerCall&, std::int64_t);

Value convolution(const Scope& s, Value x, const LayerCall& call, std::int64_t padding) {
  std::int64_t rows = 0, columns = 0;
  const std::string kernel = call.named("kernel_size").value_or(call.positional(2));
  if (kernel.starts_with("(")) {
    const std::vector<std::string> sides = split(kernel.substr(1, kernel.size() - 2));
    rows = std::stoll(sides[0]), columns = std::stoll(sides[1]);
  } else {
    rows = std::stoll(kernel);
  }
  const bool bias = call.named("bias").value_or("True") != "False" && !call.says("no bias");
  return graph::conv(s, x,
                     {.out = call.number(1, "", 0),
                      .kernel = rows,
                      .kernel_width = columns,
                      .stride = call.number(3, "stride", 1),
                      .padding = call.number(4, "padding", padding),
                      .dilation = call.number(5, "dilation", 1),
                      .groups = call.number(6, "groups", 1),
                      .bias = bias});
}

Value transposed(const Scope& s, Value x, const LayerCall& call, std::int64_t) {
  return graph::conv_transpose(s, x,
                               {.out = call.number(1, "", 0),
                                .kernel = call.number(2, "kernel_size", 1),
                                .stride = call.number(3, "stride", 1),
                                .padding = call.number(4, "padding", 0)});
}

Value batch_norm(const Scope& s, Value x, const LayerCall& call, std::int64_t) {
  return graph::norm(s, x, {.affine = call.named("affine").value_or("True") != "False"});
}

/// BatchNorm1d, after a pool where the input is a map: what it counts does not depend on that.
Value flat_norm(const Scope& s, Value x, const LayerCall& call, std::int64_t padding) {
  return batch_norm(s, graph::flatten(graph::global_pool(x)), call, padding);
}

Value group_norm(const Scope& s, Value x, const LayerCall& call, std::int64_t) {
  return graph::group_norm(s, x, call.number(0, "num_groups", 1));
}

Value linear(const Scope& s, Value x, const LayerCall& call, std::int64_t) {
  const bool flat = s.graph->node(x.id).flat;
  return graph::linear(s, flat ? x : graph::flatten(graph::global_pool(x)),
                       {.out = call.number(1, "", 0), .bias = call.named("bias").value_or("True") != "False"});
}

graph::PoolOptions pool_options(const LayerCall& call) {
  const std::int64_t kernel = call.number(0, "kernel_size", 2);
  return {.kernel = kernel, .stride = call.number(1, "stride", kernel), .padding = call.number(2, "padding", 0)};
}

template <graph::Act kind>
Value act(const Scope&, Value x, const LayerCall&, std::int64_t) {
  return graph::activation(x, kind);
}

const std::map<std::string, Make>& makers() {
  static const std::map<std::string, Make> kMakers{
      {"Conv2d", convolution},
      {"ConvTranspose2d", transposed},
      {"BatchNorm2d", batch_norm},
      {"CpBatchNorm2d", batch_norm},
      {"BatchNorm1d", flat_norm},
      {"GroupNorm", group_norm},
      {"Linear", linear},
      {"ReLU", act<graph::Act::relu>},
      {"ReLU6", act<graph::Act::relu6>},
      {"ELU", act<graph::Act::elu>},
      {"LeakyReLU", act<graph::Act::leaky_relu>},
      {"Sigmoid", act<graph::Act::sigmoid>},
      {"SiLU", act<graph::Act::silu>},
      {"GELU", act<graph::Act::gelu>},
      {"Hardswish", act<graph::Act::hardswish>},
      {"Hardsigmoid", act<graph::Act::hardsigmoid>},
      {"PReLU", [](const Scope& s, Value x, const LayerCall&, std::int64_t) { return graph::prelu(s, x); }},
      {"Dropout", [](const Scope& s, Value x, const LayerCall&, std::int64_t) { return graph::dropout(s, x, 0.5); }},
      {"MaxPool2d",
       [](const Scope&, Value x, const LayerCall& c, std::int64_t) { return graph::max_pool(x, pool_options(c)); }},
      {"AvgPool2d",
       [](const Scope&, Value x, const LayerCall& c, std::int64_t) { return graph::avg_pool(x, pool_options(c)); }},
      {"AdaptiveAvgPool2d",
       [](const Scope&, Value x, const LayerCall& c, std::int64_t) {
         const std::int64_t size = c.number(0, "output_size", 1);
         return size == 1 ? graph::global_pool(x) : graph::adaptive_pool(x, size);
       }},
      {"Flatten", [](const Scope&, Value x, const LayerCall&, std::int64_t) { return graph::flatten(x); }},
      {"Upsample",  // the layer itself, which Elastic's counter does not see
       [](const Scope&, Value x, const LayerCall& c, std::int64_t) {
         return graph::counted(graph::upsample(x, c.number(1, "scale_factor", 2)), 0);
       }},
  };
  return kMakers;
}

}  // namespace

std::optional<std::string> LayerCall::named(const std::string& key) const {
  for (const std::string& argument : arguments) {
    if (argument.starts_with(key + "=")) return argument.substr(key.size() + 1);
  }
  return std::nullopt;
}

std::string LayerCall::positional(std::size_t i) const {
  for (const std::string& argument : arguments) {
    if (argument.find('=') != std::string::npos || is_word(argument)) continue;
    if (i-- == 0) return argument;
  }
  return "";
}

std::int64_t LayerCall::number(std::size_t i, const std::string& key, std::int64_t otherwise) const {
  if (const auto value = named(key)) return std::stoll(*value);
  const std::string text = positional(i);
  return text.empty() ? otherwise : std::stoll(text);
}

bool LayerCall::says(const std::string& words) const {
  return std::find(arguments.begin(), arguments.end(), words) != arguments.end();
}

std::vector<LayerCall> calls_of(const std::string& text) {
  std::vector<LayerCall> calls;
  for (const std::string& part : split(text)) {
    const std::size_t open = part.find('('), close = part.rfind(')');
    LayerCall call{.name = trimmed(part.substr(0, open)), .arguments = {}};
    const bool has = open != std::string::npos && close != std::string::npos && close > open + 1;
    const std::string inner = has ? part.substr(open + 1, close - open - 1) : "";
    if (call.name == "Sequential") {
      for (LayerCall& child : calls_of(inner)) calls.push_back(std::move(child));
      continue;
    }
    if (!inner.empty()) call.arguments = split(inner);
    for (std::string& argument : call.arguments) argument = with_equals(argument);
    calls.push_back(std::move(call));
  }
  return calls;
}

graph::Graph network_of(const std::string& text, const graph::Shape& input, std::int64_t padding) {
  graph::Graph graph;
  Value x = graph::input(graph, input[1]);
  if (text.starts_with("functional ")) {  // what a function of PyTorch computes is no layer that a counter sees
    x = graph::counted(graph::relu(x), 0);
    graph::output(graph::counted(graph::max_pool(x, {}), 0));
    return graph;
  }
  const Scope root{&graph, ""};
  std::int64_t number = 0;
  for (const LayerCall& call : calls_of(text)) {
    const auto make = makers().find(call.name);
    if (make == makers().end()) fail("layer {}", call.name);
    x = make->second(root / number++, x, call, padding);
  }
  graph::output(x);
  return graph;
}

}  // namespace springbok::golden
