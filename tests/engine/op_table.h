// One row an op: a graph of that op alone, an input size, and a plain loop that computes the same.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "springbok/graph/build.h"

namespace springbok::engine {

/// A tensor of a plain loop: (N,C,H,W) or (N,C), row-major.
struct Plain {
  graph::Shape shape;
  std::vector<double> values;

  explicit Plain(graph::Shape s);
  double& at(std::int64_t n, std::int64_t c, std::int64_t y = 0, std::int64_t x = 0);
  double at(std::int64_t n, std::int64_t c, std::int64_t y = 0, std::int64_t x = 0) const;
};

/// Parameter values by name (`weight`, `bias`, ...).
using Params = std::function<const Plain&(const std::string&)>;

struct OpRow {
  std::string name;
  graph::Shape input;
  std::function<graph::Value(graph::Scope, graph::Value)> make;
  std::function<Plain(const Plain&, const Params&)> loop;
  std::int64_t macs = 0;  ///< counted by hand, batch 1
};

const std::vector<OpRow>& op_rows();

}  // namespace springbok::engine
