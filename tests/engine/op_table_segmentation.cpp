// The plain loops of the ops that segmentation and size-dependent scales need.
#include <algorithm>
#include <cmath>

#include "tests/engine/op_table.h"

namespace springbok::engine {

using namespace graph;

namespace {

/// Every input pixel adds its kernel to the output.
Plain loop_conv_transpose(const Plain& in, const Plain& weight, const Shape& shape, std::int64_t stride,
                          std::int64_t padding, std::int64_t groups) {
  Plain out(shape);
  const std::int64_t ins = in.shape[1] / groups;
  const std::int64_t outs = shape[1] / groups;
  const std::int64_t kernel = weight.shape[2];
  each(in.shape, [&](auto n, auto c, auto y, auto x) {
    for (std::int64_t o = 0; o < outs; ++o)
      for (std::int64_t k = 0; k < kernel * kernel; ++k) {
        const std::int64_t ty = y * stride - padding + k / kernel;
        const std::int64_t tx = x * stride - padding + k % kernel;
        if (ty < 0 || tx < 0 || ty >= shape[2] || tx >= shape[3]) continue;
        out.at(n, c / ins * outs + o, ty, tx) += in.at(n, c, y, x) * weight.at(c, o, k / kernel, k % kernel);
      }
    return 0.0;
  });
  return out;
}

/// Bilinear, the corners of input and output on each other.
Plain loop_resize(const Plain& in, std::int64_t height, std::int64_t width, bool aligned) {
  const auto taps = [aligned](std::int64_t at, std::int64_t from, std::int64_t to) {
    const double middle = (static_cast<double>(at) + 0.5) * static_cast<double>(from) / static_cast<double>(to) - 0.5;
    const double corner = to == 1 ? 0 : static_cast<double>(at * (from - 1)) / static_cast<double>(to - 1);
    const double source = aligned ? corner : std::max(middle, 0.0);
    const auto low = std::min(static_cast<std::int64_t>(source), from - 1);
    return std::tuple{low, std::min(low + 1, from - 1), source - static_cast<double>(low)};
  };
  return each({in.shape[0], in.shape[1], height, width}, [&](auto n, auto c, auto y, auto x) {
    const auto [y0, y1, fy] = taps(y, in.shape[2], height);
    const auto [x0, x1, fx] = taps(x, in.shape[3], width);
    return (1 - fy) * ((1 - fx) * in.at(n, c, y0, x0) + fx * in.at(n, c, y0, x1)) +
           fy * ((1 - fx) * in.at(n, c, y1, x0) + fx * in.at(n, c, y1, x1));
  });
}

/// 2x2 means, what lies beyond the edge as the edge.
Plain loop_halve(const Plain& in) {
  return each(
      {in.shape[0], in.shape[1], (in.shape[2] + 1) / 2, (in.shape[3] + 1) / 2}, [&](auto n, auto c, auto y, auto x) {
        double sum = 0;
        for (std::int64_t i = 0; i < 4; ++i)
          sum += in.at(n, c, std::min(2 * y + i / 2, in.shape[2] - 1), std::min(2 * x + i % 2, in.shape[3] - 1));
        return sum / 4;
      });
}

Plain loop_cut(const Plain& in, std::int64_t height, std::int64_t width) {
  return each({in.shape[0], in.shape[1], height, width},
              [&](auto n, auto c, auto y, auto x) { return in.at(n, c, y, x); });
}

void add_transposed(std::vector<OpRow>& rows) {
  rows.push_back({"conv_transpose2d 4x4 stride 2 depthwise",
                  {2, 3, 4, 3},
                  [](Scope s, Value x) { return conv_transpose(s, x, {.out = 3, .groups = 3}); },
                  [](const Plain& in, const Params& p) {
                    return loop_conv_transpose(in, p("weight"), {2, 3, 8, 6}, 2, 1, 3);
                  },
                  3 * 4 * 3 * 16});
  rows.push_back({"conv_transpose2d grouped 3x3 stride 3",
                  {1, 4, 3, 2},
                  [](Scope s, Value x) {
                    return conv_transpose(s, x, {.out = 6, .kernel = 3, .stride = 3, .padding = 0, .groups = 2});
                  },
                  [](const Plain& in, const Params& p) {
                    return loop_conv_transpose(in, p("weight"), {1, 6, 9, 6}, 3, 0, 2);
                  },
                  4 * 3 * 2 * 3 * 9});
}

void add_halving(std::vector<OpRow>& rows) {
  rows.push_back({"halve odd",
                  {2, 2, 5, 3},
                  [](Scope, Value x) { return halve(x); },
                  [](const Plain& in, const Params&) { return loop_halve(in); }});
  rows.push_back({"halve keeps its height",
                  {2, 2, 7, 4},
                  [](Scope, Value x) { return halve(x, 7); },
                  [](const Plain& in, const Params&) { return in; }});
  rows.push_back({"restore",
                  {2, 2, 5, 4},
                  [](Scope, Value x) { return relu(restore(halve(x), x)); },
                  [](const Plain& in, const Params&) {
                    const Plain big = loop_upsample(loop_halve(in), 2);
                    return each(in.shape,
                                [&](auto n, auto c, auto y, auto x) { return std::max(0.0, big.at(n, c, y, x)); });
                  }});
  rows.push_back({"restore of what was kept",
                  {2, 2, 7, 4},
                  [](Scope, Value x) { return restore(halve(x, 7), x); },
                  [](const Plain& in, const Params&) { return in; }});
}

}  // namespace

void add_segmentation(std::vector<OpRow>& rows) {
  add_transposed(rows);
  add_halving(rows);
  rows.push_back({"upsample_like",
                  {2, 2, 7, 6},
                  [](Scope, Value x) { return upsample_like(avg_pool(x, {.kernel = 3, .stride = 3}), x); },
                  [](const Plain& in, const Params&) {
                    const Plain low = each({2, 2, 2, 2}, [&](auto n, auto c, auto y, auto x) {
                      double sum = 0;
                      for (std::int64_t i = 0; i < 9; ++i) sum += in.at(n, c, 3 * y + i / 3, 3 * x + i % 3);
                      return sum / 9;
                    });
                    return loop_resize(low, 7, 6, true);
                  }});
  rows.push_back({"upsample_like, corners not aligned",
                  {2, 2, 7, 5},
                  [](Scope, Value x) { return upsample_like(halve(x), x, false); },
                  [](const Plain& in, const Params&) { return loop_resize(loop_halve(in), 7, 5, false); }});
  rows.push_back({"upsample_like of one pixel",
                  {2, 3, 1, 1},
                  [](Scope, Value x) { return upsample_like(global_pool(x), x); },
                  [](const Plain& in, const Params&) { return in; }});
  rows.push_back({"whole_cells",
                  {2, 2, 7, 2},
                  [](Scope, Value x) { return relu(whole_cells(x, 3)); },
                  [](const Plain& in, const Params&) {
                    Plain out = loop_cut(in, 6, 2);
                    for (double& value : out.values) value = std::max(0.0, value);
                    return out;
                  }});
  rows.push_back({"trim",
                  {2, 2, 4, 5},
                  [](Scope, Value x) { return trim(x, 2); },
                  [](const Plain& in, const Params&) { return loop_cut(in, 2, 3); }});
  rows.push_back({"log_softmax",
                  {2, 4, 3, 2},
                  [](Scope, Value x) { return log_softmax(x); },
                  [](const Plain& in, const Params&) {
                    return each(in.shape, [&](auto n, auto c, auto y, auto x) {
                      double sum = 0;
                      for (std::int64_t i = 0; i < in.shape[1]; ++i) sum += std::exp(in.at(n, i, y, x));
                      return in.at(n, c, y, x) - std::log(sum);
                    });
                  }});
}

}  // namespace springbok::engine
