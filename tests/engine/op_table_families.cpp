// The plain loops of the ops that came with the mobile, split-attention, octave and EvoNorm nets.
#include <algorithm>
#include <cmath>

#include "tests/engine/op_table.h"

namespace springbok::engine {

using namespace graph;

namespace {

double value_of(const Plain& values, std::int64_t channel) {
  return values.values[static_cast<std::size_t>(channel)];
}

/// Unbiased variance of one channel over the samples [first, last) and all pixels.
double variance(const Plain& in, std::int64_t channel, std::int64_t first, std::int64_t last) {
  double sum = 0;
  double square = 0;
  const auto visit = [&](auto f) {
    for (std::int64_t n = first; n < last; ++n)
      for (std::int64_t y = 0; y < in.shape[2]; ++y)
        for (std::int64_t x = 0; x < in.shape[3]; ++x) f(in.at(n, channel, y, x));
  };
  const auto count = static_cast<double>((last - first) * in.shape[2] * in.shape[3]);
  visit([&](double v) { sum += v; });
  visit([&](double v) { square += std::pow(v - sum / count, 2); });
  return square / (count - 1);
}

Plain loop_evo_norm(const Plain& in, const Params& p, double eps) {
  return each(in.shape, [&](auto n, auto c, auto y, auto x) {
    const double batch = std::sqrt(variance(in, c, 0, in.shape[0]) + eps);
    const double instance = std::sqrt(variance(in, c, n, n + 1) + eps);
    const double v = in.at(n, c, y, x);
    return v / std::max(batch, value_of(p("v"), c) * v + instance) * value_of(p("weight"), c) + value_of(p("bias"), c);
  });
}

/// Mean over the window that adaptive pooling gives to each of `size` x `size` outputs.
Plain loop_adaptive(const Plain& in, std::int64_t size) {
  return each({in.shape[0], in.shape[1], size, size}, [&](auto n, auto c, auto y, auto x) {
    const auto first = [&](std::int64_t i, std::int64_t whole) { return i * whole / size; };
    const auto last = [&](std::int64_t i, std::int64_t whole) { return ((i + 1) * whole + size - 1) / size; };
    double sum = 0;
    double count = 0;
    for (std::int64_t sy = first(y, in.shape[2]); sy < last(y, in.shape[2]); ++sy)
      for (std::int64_t sx = first(x, in.shape[3]); sx < last(x, in.shape[3]); ++sx, ++count)
        sum += in.at(n, c, sy, sx);
    return sum / count;
  });
}

void add_channel_moves(std::vector<OpRow>& rows) {
  rows.push_back({"slice_channels",
                  {2, 5, 3, 2},
                  [](Scope, Value x) { return slice_channels(x, 1, 3); },
                  [](const Plain& in, const Params&) {
                    return each({2, 3, 3, 2}, [&](auto n, auto c, auto y, auto x) { return in.at(n, c + 1, y, x); });
                  }});
  rows.push_back({"shuffle_channels",
                  {2, 6, 2, 3},
                  [](Scope, Value x) { return shuffle_channels(x, 2); },
                  [](const Plain& in, const Params&) {
                    return each(in.shape,
                                [&](auto n, auto c, auto y, auto x) { return in.at(n, c % 2 * 3 + c / 2, y, x); });
                  }});
  rows.push_back({"radix_softmax",
                  {2, 6, 1, 2},
                  [](Scope, Value x) { return radix_softmax(x, 3); },
                  [](const Plain& in, const Params&) {
                    return each(in.shape, [&](auto n, auto c, auto y, auto x) {
                      double sum = 0;
                      for (std::int64_t r = 0; r < 3; ++r) sum += std::exp(in.at(n, c % 2 + 2 * r, y, x));
                      return std::exp(in.at(n, c, y, x)) / sum;
                    });
                  }});
}

}  // namespace

void add_families(std::vector<OpRow>& rows) {
  rows.push_back({"conv2d 1x3",
                  {1, 2, 4, 5},
                  [](Scope s, Value x) { return conv(s, x, {.out = 3, .kernel = 1, .kernel_width = 3}); },
                  [](const Plain& in, const Params& p) {
                    return each({1, 3, 4, 5}, [&](auto n, auto c, auto y, auto x) {
                      double sum = 0;
                      for (std::int64_t i = 0; i < 2; ++i)
                        for (std::int64_t k = 0; k < 3; ++k)
                          if (x + k >= 1 && x + k <= 5) sum += p("weight").at(c, i, 0, k) * in.at(n, i, y, x + k - 1);
                      return sum;
                    });
                  },
                  3 * 4 * 5 * 2 * 3});
  rows.push_back({"evo_norm",
                  {3, 2, 4, 3},
                  [](Scope s, Value x) { return evo_norm(s, x, {.eps = 1e-2}); },
                  [](const Plain& in, const Params& p) { return loop_evo_norm(in, p, 1e-2); }});
  rows.push_back({"adaptive_pool",
                  {2, 2, 7, 5},
                  [](Scope, Value x) { return adaptive_pool(x, 3); },
                  [](const Plain& in, const Params&) { return loop_adaptive(in, 3); }});
  rows.push_back({"linear after adaptive_pool",
                  {2, 2, 5, 4},
                  [](Scope s, Value x) { return linear(s, flatten(adaptive_pool(x, 2)), {.out = 3}); },
                  [](const Plain& in, const Params& p) {
                    const Plain pooled = loop_adaptive(in, 2);
                    return each({2, 3}, [&](auto n, auto c, auto, auto) {
                      double sum = value_of(p("bias"), c);
                      for (std::int64_t i = 0; i < 8; ++i)
                        sum += p("weight").at(c, i) * pooled.at(n, i / 4, i / 2 % 2, i % 2);
                      return sum;
                    });
                  },
                  3 * 8});
  rows.push_back({"pad_same",
                  {1, 2, 6, 7},
                  [](Scope, Value x) { return pad_same(x, 3, 2); },
                  [](const Plain& in, const Params&) {  // 6 rows need one zero, below; 7 columns one on each side
                    return each({1, 2, 7, 9}, [&](auto n, auto c, auto y, auto x) {
                      return y < 6 && x >= 1 && x < 8 ? in.at(n, c, y, x - 1) : 0.0;
                    });
                  }});
  rows.push_back(
      {"upsample_nearest",
       {2, 2, 3, 2},
       [](Scope, Value x) { return upsample_nearest(x, 2); },
       [](const Plain& in, const Params&) {
         return each({2, 2, 6, 4}, [&](auto n, auto c, auto y, auto x) { return in.at(n, c, y / 2, x / 2); });
       }});
  add_channel_moves(rows);
}

}  // namespace springbok::engine
