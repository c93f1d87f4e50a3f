// One row an op: a graph of that op alone, an input size, and a plain loop that computes the same.
#pragma once

#include <array>
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

/// Fills an output of `shape` from a formula of its position.
template <class F>
Plain each(const graph::Shape& shape, F formula) {
  Plain out(shape);
  const std::int64_t height = shape.size() == 4 ? shape[2] : 1;
  const std::int64_t width = shape.size() == 4 ? shape[3] : 1;
  for (std::int64_t n = 0; n < shape[0]; ++n)
    for (std::int64_t c = 0; c < shape[1]; ++c)
      for (std::int64_t y = 0; y < height; ++y)
        for (std::int64_t x = 0; x < width; ++x) out.at(n, c, y, x) = formula(n, c, y, x);
  return out;
}

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

/// Rows of the ops that came with segmentation and with nets whose scales depend on the size.
void add_segmentation(std::vector<OpRow>& rows);

/// Rows of the ops that came with the mobile, split-attention, octave and EvoNorm nets.
void add_families(std::vector<OpRow>& rows);

/// Rows of the ops of the training tricks and of LambdaNetworks.
void add_tricks(std::vector<OpRow>& rows);

/// Bilinear upsampling with half-pixel centres, clamped at the edges.
Plain loop_upsample(const Plain& in, std::int64_t factor);

}  // namespace springbok::engine
