// Small networks that Elastic's golden files describe in words.
#include <functional>
#include <regex>

#include "springbok/base/error.h"
#include "springbok/graph/build.h"
#include "springbok/graph/replace.h"
#include "tests/golden/functions/elastic.h"

namespace springbok::golden {
namespace {

using graph::Scope;
using graph::Value;
using nlohmann::json;

/// What `name, one, two` of a description ask for.
struct Words {
  const Scope& root;
  const std::smatch& match;
  std::string text(int i) const { return match[static_cast<std::size_t>(i)]; }
  std::int64_t number(int i, std::int64_t otherwise) const { return text(i).empty() ? otherwise : std::stoll(text(i)); }
  double real(int i, double otherwise) const { return text(i).empty() ? otherwise : std::stod(text(i)); }
};

struct Phrase {
  std::regex pattern;
  std::function<Value(const Words&, Value)> append;
};

const std::vector<Phrase>& phrases() {
  static const std::vector<Phrase> known{
      {std::regex("(\\S+): ([0-9]+)x[0-9]+, [0-9]+ -> ([0-9]+)(?:, stride ([0-9]+))?(?:, padding ([0-9]+))?(?:, "
                  "([0-9]+) groups)?(, no bias|, bias)"),
       [](const Words& w, Value x) {
         return conv(w.root / w.text(1), x,
                     {.out = w.number(3, 0),
                      .kernel = w.number(2, 1),
                      .stride = w.number(4, 1),
                      .padding = w.number(5, 0),
                      .groups = w.number(6, 1),
                      .bias = w.text(7) == ", bias"});
       }},
      {std::regex("(\\S+): (?:batch norm, )?momentum ([0-9.e-]+)(?:, eps ([0-9.e-]+))?"),
       [](const Words& w, Value x) {
         return norm(w.root / w.text(1), x, {.eps = w.real(3, 1e-5), .momentum = w.real(2, 0.1)});
       }},
      {std::regex("(?:\\S+: )?ReLU"), [](const Words&, Value x) { return relu(x); }},
      {std::regex("mean over height and width"), [](const Words&, Value x) { return flatten(global_pool(x)); }},
      {std::regex("(\\S+): [0-9]+ -> ([0-9]+)"),
       [](const Words& w, Value x) { return linear(w.root / w.text(1), x, {.out = w.number(2, 0)}); }},
      {std::regex("(\\S+): transposed convolution ([0-9]+)x[0-9]+, stride ([0-9]+), padding ([0-9]+), ([0-9]+) groups, "
                  "no bias, frozen at bilinear.*"),
       [](const Words& w, Value x) {
         return conv_transpose(w.root / w.text(1), x,
                               {.out = x.channels(),
                                .kernel = w.number(2, 4),
                                .stride = w.number(3, 2),
                                .padding = w.number(4, 1),
                                .groups = w.number(5, 1),
                                .trainable = false});
       }},
      {std::regex("log-softmax over classes"), [](const Words&, Value x) { return log_softmax(x); }},
      {std::regex("the last row and column are cut"), [](const Words&, Value x) { return trim(x, 1); }},
      {std::regex("\\S+ empty"), [](const Words&, Value x) { return x; }}};
  return known;
}

Value append(const Scope& root, Value x, const std::string& part) {
  std::smatch match;
  for (const Phrase& phrase : phrases()) {
    if (std::regex_match(part, match, phrase.pattern)) return phrase.append({root, match}, x);
  }
  fail("a net's '{}' is not known", part);
}

/// Throws Error where names or shapes are not the file's.
void expect_state_dict(const graph::Graph& graph, const json& wanted) {
  json got = json::array();
  for (const graph::Param& param : graph.params()) got.push_back({param.name, param.shape});
  if (got != wanted) fail("the net's state_dict is {} instead of {}", got.dump(), wanted.dump());
}

}  // namespace

graph::Graph described_net(const json& file, bool frozen_norms) {
  graph::Graph graph;
  const Scope root{&graph, ""};
  Value x = input(graph, 3);
  for (const json& line : Sheet::need(file, "net")) {
    const std::string text = line;
    std::size_t from = 0;
    while (from < text.size()) {
      const std::size_t end = std::min(text.find("; ", from), text.size());
      x = append(root, x, text.substr(from, end - from));
      from = end + 2;
    }
  }
  output(x);
  expect_state_dict(graph, Sheet::need(file, "state_dict"));
  if (frozen_norms) replace_norms(graph, graph::NormKind::frozen);
  return graph;
}

engine::State described_weights(const graph::Graph& graph) {
  engine::State state = filled_state(graph, at::kDouble);
  const engine::State fresh = engine::initialise(graph, 0, at::kDouble);
  for (graph::ParamId id = 0; id < static_cast<graph::ParamId>(graph.params().size()); ++id) {
    if (graph.param(id).init == graph::Init::bilinear) state.tensors[id] = fresh.tensors[id];
  }
  return state;
}

}  // namespace springbok::golden
