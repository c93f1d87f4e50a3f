// The plain loops: each op as its definition reads, nothing faster.
#include "tests/engine/op_table.h"

#include <algorithm>
#include <cmath>

namespace springbok::engine {

using namespace graph;

Plain::Plain(Shape s) : shape(std::move(s)) {
  std::int64_t count = 1;
  for (const std::int64_t size : shape) count *= size;
  values.resize(static_cast<std::size_t>(count));
}

namespace {

std::size_t offset(const Shape& shape, std::int64_t n, std::int64_t c, std::int64_t y, std::int64_t x) {
  const std::int64_t height = shape.size() == 4 ? shape[2] : 1;
  const std::int64_t width = shape.size() == 4 ? shape[3] : 1;
  return static_cast<std::size_t>(((n * shape[1] + c) * height + y) * width + x);
}

}  // namespace

double& Plain::at(std::int64_t n, std::int64_t c, std::int64_t y, std::int64_t x) {
  return values[offset(shape, n, c, y, x)];
}
double Plain::at(std::int64_t n, std::int64_t c, std::int64_t y, std::int64_t x) const {
  return values[offset(shape, n, c, y, x)];
}

namespace {

bool inside(const Plain& in, std::int64_t y, std::int64_t x) {
  return y >= 0 && x >= 0 && y < in.shape[2] && x < in.shape[3];
}

Plain loop_conv(const Plain& in, const Plain& weight, const Plain* bias, const Shape& out, std::int64_t stride,
                std::int64_t padding, std::int64_t dilation, std::int64_t groups) {
  const std::int64_t per_group_out = out[1] / groups;
  return each(out, [&](auto n, auto c, auto y, auto x) {
    double sum = bias == nullptr ? 0 : bias->values[static_cast<std::size_t>(c)];
    for (std::int64_t i = 0; i < weight.shape[1]; ++i)
      for (std::int64_t ky = 0; ky < weight.shape[2]; ++ky)
        for (std::int64_t kx = 0; kx < weight.shape[3]; ++kx) {
          const std::int64_t sy = y * stride - padding + ky * dilation;
          const std::int64_t sx = x * stride - padding + kx * dilation;
          if (inside(in, sy, sx))
            sum += weight.at(c, i, ky, kx) * in.at(n, c / per_group_out * weight.shape[1] + i, sy, sx);
        }
    return sum;
  });
}

/// Batch statistics over (N,H,W), as in training.
Plain loop_norm(const Plain& in, const Plain& gamma, const Plain& beta, double eps) {
  const double count = static_cast<double>(in.shape[0] * in.shape[2] * in.shape[3]);
  Plain out(in.shape);
  for (std::int64_t c = 0; c < in.shape[1]; ++c) {
    double sum = 0;
    double square = 0;
    const auto visit = [&](auto f) {
      for (std::int64_t n = 0; n < in.shape[0]; ++n)
        for (std::int64_t y = 0; y < in.shape[2]; ++y)
          for (std::int64_t x = 0; x < in.shape[3]; ++x) f(n, y, x);
    };
    visit([&](auto n, auto y, auto x) { sum += in.at(n, c, y, x); });
    const double mean = sum / count;
    visit([&](auto n, auto y, auto x) { square += std::pow(in.at(n, c, y, x) - mean, 2); });
    const double scale = gamma.values[static_cast<std::size_t>(c)] / std::sqrt(square / count + eps);
    visit([&](auto n, auto y, auto x) {
      out.at(n, c, y, x) = (in.at(n, c, y, x) - mean) * scale + beta.values[static_cast<std::size_t>(c)];
    });
  }
  return out;
}

Plain loop_pool(const Plain& in, const Shape& out, bool max, std::int64_t kernel, std::int64_t stride,
                std::int64_t padding, bool count_padding) {
  return each(out, [&](auto n, auto c, auto y, auto x) {
    double best = -1e300;
    double sum = 0;
    std::int64_t seen = 0;
    std::int64_t area = 0;  // of the window within the padded image, which ceil mode may leave
    for (std::int64_t ky = 0; ky < kernel; ++ky)
      for (std::int64_t kx = 0; kx < kernel; ++kx) {
        const std::int64_t sy = y * stride - padding + ky;
        const std::int64_t sx = x * stride - padding + kx;
        area += sy < in.shape[2] + padding && sx < in.shape[3] + padding;
        if (!inside(in, sy, sx)) continue;
        best = std::max(best, in.at(n, c, sy, sx));
        sum += in.at(n, c, sy, sx);
        ++seen;
      }
    return max ? best : sum / static_cast<double>(count_padding ? area : seen);
  });
}

}  // namespace

Plain loop_upsample(const Plain& in, std::int64_t factor) {
  const auto taps = [&](std::int64_t at, std::int64_t size) {
    const double source = std::max(0.0, (static_cast<double>(at) + 0.5) / static_cast<double>(factor) - 0.5);
    const auto low = static_cast<std::int64_t>(source);
    return std::tuple{low, std::min(low + 1, size - 1), source - static_cast<double>(low)};
  };
  return each({in.shape[0], in.shape[1], in.shape[2] * factor, in.shape[3] * factor},
              [&](auto n, auto c, auto y, auto x) {
                const auto [y0, y1, fy] = taps(y, in.shape[2]);
                const auto [x0, x1, fx] = taps(x, in.shape[3]);
                return (1 - fy) * ((1 - fx) * in.at(n, c, y0, x0) + fx * in.at(n, c, y0, x1)) +
                       fy * ((1 - fx) * in.at(n, c, y1, x0) + fx * in.at(n, c, y1, x1));
              });
}

namespace {

template <class F>
OpRow elementwise(const std::string& name, Activation kind, F formula) {
  return {name,
          {2, 3, 5, 4},
          [=](Scope, Value x) { return activation(x, kind); },
          [=](const Plain& in, const Params&) {
            Plain out = in;
            for (double& value : out.values) value = formula(value);
            return out;
          }};
}

double clamp01(double v) {
  return std::clamp(v, 0.0, 1.0);
}

void add_convolutions(std::vector<OpRow>& rows) {
  rows.push_back({"conv2d 3x3 stride 2 with bias",
                  {2, 3, 7, 6},
                  [](Scope s, Value x) { return conv(s, x, {.out = 4, .kernel = 3, .stride = 2, .bias = true}); },
                  [](const Plain& in, const Params& p) {
                    return loop_conv(in, p("weight"), &p("bias"), {2, 4, 4, 3}, 2, 1, 1, 1);
                  },
                  4 * 4 * 3 * 3 * 9});
  rows.push_back({"conv2d grouped, dilated",
                  {2, 4, 7, 6},
                  [](Scope s, Value x) { return conv(s, x, {.out = 6, .kernel = 3, .dilation = 2, .groups = 2}); },
                  [](const Plain& in, const Params& p) {
                    return loop_conv(in, p("weight"), nullptr, {2, 6, 7, 6}, 1, 2, 2, 2);
                  },
                  6 * 7 * 6 * 2 * 9});
  rows.push_back({"linear",
                  {3, 5, 1, 1},
                  [](Scope s, Value x) { return linear(s, flatten(global_pool(x)), {.out = 4}); },
                  [](const Plain& in, const Params& p) {
                    return each({3, 4}, [&](auto n, auto c, auto, auto) {
                      double sum = p("bias").values[static_cast<std::size_t>(c)];
                      for (std::int64_t i = 0; i < 5; ++i) sum += p("weight").at(c, i) * in.at(n, i);
                      return sum;
                    });
                  },
                  20});
}

void add_pools(std::vector<OpRow>& rows) {
  rows.push_back({"max_pool 3x3 stride 2 pad 1",
                  {2, 2, 7, 6},
                  [](Scope, Value x) { return max_pool(x, {.kernel = 3, .stride = 2, .padding = 1}); },
                  [](const Plain& in, const Params&) {
                    return loop_pool(in, {2, 2, 4, 3}, true, 3, 2, 1, true);
                  }});
  rows.push_back({"max_pool ceil",
                  {1, 2, 6, 7},
                  [](Scope, Value x) { return max_pool(x, {.kernel = 3, .stride = 2, .ceil = true}); },
                  [](const Plain& in, const Params&) {
                    return loop_pool(in, {1, 2, 3, 3}, true, 3, 2, 0, true);
                  }});
  rows.push_back({"avg_pool 2x2",
                  {2, 3, 6, 4},
                  [](Scope, Value x) { return avg_pool(x, {}); },
                  [](const Plain& in, const Params&) {
                    return loop_pool(in, {2, 3, 3, 2}, false, 2, 2, 0, true);
                  }});
  rows.push_back({"avg_pool ceil, padding not counted",
                  {1, 2, 6, 6},
                  [](Scope, Value x) {
                    return avg_pool(x,
                                    {.kernel = 3, .stride = 2, .padding = 1, .ceil = true, .count_include_pad = false});
                  },
                  [](const Plain& in, const Params&) {
                    return loop_pool(in, {1, 2, 4, 4}, false, 3, 2, 1, false);
                  }});
  rows.push_back({"global_pool",
                  {2, 3, 5, 4},
                  [](Scope, Value x) { return global_pool(x); },
                  [](const Plain& in, const Params&) {
                    return each({2, 3, 1, 1}, [&](auto n, auto c, auto, auto) {
                      double sum = 0;
                      for (std::int64_t i = 0; i < 20; ++i) sum += in.at(n, c, i / 4, i % 4);
                      return sum / 20;
                    });
                  }});
}

void add_moves(std::vector<OpRow>& rows) {
  rows.push_back({"flatten",
                  {2, 3, 2, 2},
                  [](Scope, Value x) { return flatten(x); },
                  [](const Plain& in, const Params&) {
                    Plain out({2, 12});
                    out.values = in.values;
                    return out;
                  }});
  rows.push_back({"add and relu in place",
                  {2, 3, 4, 4},
                  [](Scope, Value x) { return relu(add(avg_pool(x, {.kernel = 1, .stride = 1}), x)); },
                  [](const Plain& in, const Params&) {
                    return each(in.shape,
                                [&](auto n, auto c, auto y, auto x) { return std::max(0.0, 2 * in.at(n, c, y, x)); });
                  }});
  rows.push_back({"gate",
                  {2, 3, 4, 2},
                  [](Scope, Value x) { return gate(x, global_pool(x)); },
                  [](const Plain& in, const Params&) {
                    return each(in.shape, [&](auto n, auto c, auto y, auto x) {
                      double sum = 0;
                      for (std::int64_t i = 0; i < 8; ++i) sum += in.at(n, c, i / 2, i % 2);
                      return in.at(n, c, y, x) * sum / 8;
                    });
                  }});
  rows.push_back({"concat",
                  {2, 2, 3, 3},
                  [](Scope, Value x) {
                    return concat({x, relu(x)});
                  },
                  [](const Plain& in, const Params&) {
                    return each({2, 4, 3, 3}, [&](auto n, auto c, auto y, auto x) {
                      return c < 2 ? in.at(n, c, y, x) : std::max(0.0, in.at(n, c - 2, y, x));
                    });
                  }});
  rows.push_back({"pad_even",
                  {2, 2, 3, 5},
                  [](Scope, Value x) { return pad_even(x); },
                  [](const Plain& in, const Params&) {
                    return each({2, 2, 4, 6}, [&](auto n, auto c, auto y, auto x) {
                      return in.at(n, c, std::min<std::int64_t>(y, 2), std::min<std::int64_t>(x, 4));
                    });
                  }});
  rows.push_back({"upsample",
                  {2, 2, 3, 4},
                  [](Scope, Value x) { return upsample(x, 2); },
                  [](const Plain& in, const Params&) { return loop_upsample(in, 2); }});
  rows.push_back({"crop_like",
                  {2, 2, 5, 4},
                  [](Scope, Value x) { return crop_like(upsample(avg_pool(x, {.kernel = 1, .stride = 1}), 2), x); },
                  [](const Plain& in, const Params&) {
                    const Plain big = loop_upsample(in, 2);
                    return each(in.shape, [&](auto n, auto c, auto y, auto x) { return big.at(n, c, y, x); });
                  }});
  rows.push_back({"pad_channels",
                  {2, 2, 5, 4},
                  [](Scope, Value x) { return pad_channels(x, 6, 2); },
                  [](const Plain& in, const Params&) {
                    return each({2, 6, 3, 2}, [&](auto n, auto c, auto y, auto x) {
                      return c < 2 || c >= 4 ? 0.0 : in.at(n, c - 2, 2 * y, 2 * x);
                    });
                  }});
}

}  // namespace

const std::vector<OpRow>& op_rows() {
  static const std::vector<OpRow> table = [] {
    std::vector<OpRow> rows;
    add_convolutions(rows);
    rows.push_back({"norm",
                    {3, 2, 4, 3},
                    [](Scope s, Value x) { return norm(s, x, {.eps = 1e-3}); },
                    [](const Plain& in, const Params& p) { return loop_norm(in, p("weight"), p("bias"), 1e-3); }});
    rows.push_back(elementwise("relu", {Act::relu}, [](double v) { return std::max(0.0, v); }));
    rows.push_back(elementwise("relu6", {Act::relu6}, [](double v) { return std::clamp(v, 0.0, 6.0); }));
    rows.push_back(elementwise("sigmoid", {Act::sigmoid}, [](double v) { return 1 / (1 + std::exp(-v)); }));
    rows.push_back(elementwise("silu", {Act::silu}, [](double v) { return v / (1 + std::exp(-v)); }));
    rows.push_back(elementwise("hardswish", {Act::hardswish}, [](double v) { return v * clamp01(v / 6 + 0.5); }));
    rows.push_back(elementwise("hardsigmoid", {Act::hardsigmoid}, [](double v) { return clamp01(v / 6 + 0.5); }));
    rows.push_back(
        elementwise("gelu", {Act::gelu}, [](double v) { return v / 2 * (1 + std::erf(v / std::sqrt(2.0))); }));
    rows.push_back(elementwise("mish", {Act::mish}, [](double v) { return v * std::tanh(std::log1p(std::exp(v))); }));
    rows.push_back(elementwise("elu", {Act::elu}, [](double v) { return v > 0 ? v : std::expm1(v); }));
    rows.push_back(elementwise("leaky_relu", {Act::leaky_relu}, [](double v) { return v > 0 ? v : v / 100; }));
    rows.push_back(elementwise("scaled_swish", {Act::scaled_swish, 1.702},
                               [](double v) { return v / (1 + std::exp(-1.702 * v)); }));
    add_pools(rows);
    add_moves(rows);
    add_segmentation(rows);
    add_families(rows);
    add_tricks(rows);
    return rows;
  }();
  return table;
}

}  // namespace springbok::engine
