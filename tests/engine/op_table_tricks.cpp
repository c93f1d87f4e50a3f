// The plain loops of the ops of the training tricks and of LambdaNetworks.
#include <algorithm>
#include <cmath>

#include "tests/engine/op_table.h"

namespace springbok::engine {

using namespace graph;

namespace {

double value_of(const Plain& values, std::int64_t at) {
  return values.values[static_cast<std::size_t>(at)];
}

struct Moments {
  double mean = 0, var = 0;  ///< unbiased
};

/// Over the samples [n0, n1), the channels [c0, c1) and all pixels.
Moments moments(const Plain& in, std::int64_t n0, std::int64_t n1, std::int64_t c0, std::int64_t c1) {
  const auto visit = [&](auto f) {
    for (std::int64_t n = n0; n < n1; ++n)
      for (std::int64_t c = c0; c < c1; ++c)
        for (std::int64_t y = 0; y < in.shape[2]; ++y)
          for (std::int64_t x = 0; x < in.shape[3]; ++x) f(in.at(n, c, y, x));
  };
  double count = 0, sum = 0, squares = 0;
  visit([&](double v) { ++count, sum += v; });
  visit([&](double v) { squares += std::pow(v - sum / count, 2); });
  return {sum / count, squares / (count - 1)};
}

Plain loop_switch_norm(const Plain& in, const Params& p) {
  const auto mixed = [&](const std::string& weights, const std::array<double, 3>& statistics) {
    double sum = 0, total = 0;
    for (std::int64_t i = 0; i < 3; ++i) total += std::exp(value_of(p(weights), i));
    for (std::int64_t i = 0; i < 3; ++i)
      sum += std::exp(value_of(p(weights), i)) / total * statistics[static_cast<std::size_t>(i)];
    return sum;
  };
  return each(in.shape, [&](auto n, auto c, auto y, auto x) {
    const Moments instance = moments(in, n, n + 1, c, c + 1);
    const Moments layer = moments(in, n, n + 1, 0, in.shape[1]);
    const Moments batch = moments(in, 0, in.shape[0], c, c + 1);
    const double mean = mixed("mean_weight", {instance.mean, layer.mean, batch.mean});
    const double var = mixed("var_weight", {instance.var, layer.var, batch.var});
    return (in.at(n, c, y, x) - mean) / std::sqrt(var + 1e-5) * value_of(p("weight"), c) + value_of(p("bias"), c);
  });
}

Plain loop_instance_norm(const Plain& in, const Params& p) {
  const auto count = static_cast<double>(in.shape[2] * in.shape[3]);
  return each(in.shape, [&](auto n, auto c, auto y, auto x) {
    const Moments m = moments(in, n, n + 1, c, c + 1);
    const double deviation = std::sqrt(m.var * (count - 1) / count + 1e-5);
    return (in.at(n, c, y, x) - m.mean) / deviation * value_of(p("weight"), c) + value_of(p("bias"), c);
  });
}

/// Channels [0, 2) pooled 3x3, stride 2, padding 1, with importances in channels [2, 4).
Plain loop_lip(const Plain& in, double coefficient) {
  return each({in.shape[0], 2, (in.shape[2] + 1) / 2, (in.shape[3] + 1) / 2}, [&](auto n, auto c, auto y, auto x) {
    double sum = 0, weights = 0;
    for (std::int64_t sy = std::max<std::int64_t>(0, 2 * y - 1); sy <= std::min(in.shape[2] - 1, 2 * y + 1); ++sy)
      for (std::int64_t sx = std::max<std::int64_t>(0, 2 * x - 1); sx <= std::min(in.shape[3] - 1, 2 * x + 1); ++sx) {
        const double weight = std::exp(coefficient * in.at(n, c + 2, sy, sx));
        sum += weight * in.at(n, c, sy, sx);
        weights += weight;
      }
    return sum / weights;
  });
}

double bilinear(const Plain& in, std::int64_t n, std::int64_t c, double y, double x) {
  double sum = 0;
  for (std::int64_t sy = 0; sy < in.shape[2]; ++sy)
    for (std::int64_t sx = 0; sx < in.shape[3]; ++sx) {
      const double fy = 1 - std::abs(y - static_cast<double>(sy)), fx = 1 - std::abs(x - static_cast<double>(sx));
      if (fy > 0 && fx > 0) sum += fy * fx * in.at(n, c, sy, sx);
    }
  return sum;
}

/// Channels [0, 2) of the input, read at the offsets of the next 18 times the next 9, into 3 channels.
Plain loop_deform(const Plain& in, const Params& p) {
  return each({in.shape[0], 3, in.shape[2], in.shape[3]}, [&](auto n, auto c, auto y, auto x) {
    double sum = 0;
    for (std::int64_t i = 0; i < 2; ++i)
      for (std::int64_t k = 0; k < 9; ++k) {
        const std::int64_t down = k / 3;
        const double row = static_cast<double>(y - 1 + down) + in.at(n, 2 + 2 * k, y, x);
        const double column = static_cast<double>(x - 1 + k % 3) + in.at(n, 2 + 2 * k + 1, y, x);
        sum += p("weight").at(c, i, k / 3, k % 3) * in.at(n, 20 + k, y, x) * bilinear(in, n, i, row, column);
      }
    return sum;
  });
}

/// Queries in channels [0, 4): 2 heads of depth 2; keys in [4, 6), values in [6, 9); a reach of 3.
Plain loop_lambda(const Plain& in, const Params& p) {
  return each({in.shape[0], 6, in.shape[2], in.shape[3]}, [&](auto n, auto c, auto y, auto x) {
    const std::int64_t head = c / 3, v = 6 + c % 3;
    double sum = 0;
    for (std::int64_t d = 0; d < 2; ++d) {
      double total = 0, content = 0, position = value_of(p("pos_conv.bias"), d);
      for (std::int64_t sy = 0; sy < in.shape[2]; ++sy)
        for (std::int64_t sx = 0; sx < in.shape[3]; ++sx) {
          const double key = std::exp(in.at(n, 4 + d, sy, sx));
          total += key;
          content += key * in.at(n, v, sy, sx);
          const std::int64_t ky = sy - y + 1, kx = sx - x + 1;
          if (ky >= 0 && ky < 3 && kx >= 0 && kx < 3)
            position += value_of(p("pos_conv.weight"), (d * 3 + ky) * 3 + kx) * in.at(n, v, sy, sx);
        }
      sum += in.at(n, 2 * head + d, y, x) * (content / total + position);
    }
    return sum;
  });
}

/// The authors' form: layer and batch are made of the instances' statistics.
Plain loop_authors_switch_norm(const Plain& in, const Params& p) {
  const auto composed = [&](std::int64_t n0, std::int64_t n1, std::int64_t c0, std::int64_t c1) {
    double means = 0, squares = 0;
    for (std::int64_t n = n0; n < n1; ++n) {
      for (std::int64_t c = c0; c < c1; ++c) {
        const Moments m = moments(in, n, n + 1, c, c + 1);
        means += m.mean, squares += m.var + m.mean * m.mean;
      }
    }
    const auto count = static_cast<double>((n1 - n0) * (c1 - c0));
    return Moments{means / count, squares / count - means / count * (means / count)};
  };
  const auto mixed = [&](const std::string& weights, const std::array<double, 3>& statistics) {
    double sum = 0, total = 0;
    for (std::int64_t i = 0; i < 3; ++i) {
      const double share = std::exp(value_of(p(weights), i));
      total += share, sum += share * statistics[static_cast<std::size_t>(i)];
    }
    return sum / total;
  };
  return each(in.shape, [&](auto n, auto c, auto y, auto x) {
    const Moments instance = moments(in, n, n + 1, c, c + 1);
    const Moments layer = composed(n, n + 1, 0, in.shape[1]), batch = composed(0, in.shape[0], c, c + 1);
    const double mean = mixed("mean_weight", {instance.mean, layer.mean, batch.mean});
    const double var = mixed("var_weight", {instance.var, layer.var, batch.var});
    return (in.at(n, c, y, x) - mean) / std::sqrt(var + 1e-5) * value_of(p("weight"), c) + value_of(p("bias"), c);
  });
}

Plain loop_group_norm(const Plain& in, const Params& p) {
  constexpr std::int64_t kEach = 2;  // channels a group
  const auto count = static_cast<double>(kEach * in.shape[2] * in.shape[3]);
  return each(in.shape, [&](auto n, auto c, auto y, auto x) {
    const Moments m = moments(in, n, n + 1, c / kEach * kEach, c / kEach * kEach + kEach);
    const double deviation = std::sqrt(m.var * (count - 1) / count + 1e-5);
    return (in.at(n, c, y, x) - m.mean) / deviation * value_of(p("weight"), c) + value_of(p("bias"), c);
  });
}

void add_norms(std::vector<OpRow>& rows) {
  rows.push_back({"switch_norm",
                  {3, 2, 4, 3},
                  [](Scope s, Value x) { return switch_norm(s, x, {}, SwitchForm::toolbox); },
                  loop_switch_norm});
  rows.push_back({"switch_norm of its authors",
                  {3, 2, 4, 3},
                  [](Scope s, Value x) { return switch_norm(s, x); },
                  loop_authors_switch_norm});
  rows.push_back({"group_norm", {2, 6, 2, 3}, [](Scope s, Value x) { return group_norm(s, x, 3); }, loop_group_norm});
  rows.push_back({"prelu",
                  {2, 3, 2, 4},
                  [](Scope s, Value x) { return prelu(s, x); },
                  [](const Plain& in, const Params& p) {
                    return each(in.shape, [&](auto n, auto c, auto y, auto x) {
                      const double v = in.at(n, c, y, x);
                      return v > 0 ? v : v * value_of(p("weight"), 0);
                    });
                  }});
  rows.push_back(
      {"instance_norm", {3, 2, 4, 3}, [](Scope s, Value x) { return instance_norm(s, x); }, loop_instance_norm});
  rows.push_back({"channel_scale",
                  {2, 3, 2, 4},
                  [](Scope s, Value x) { return channel_scale(s, x); },
                  [](const Plain& in, const Params& p) {
                    return each(in.shape, [&](auto n, auto c, auto y, auto x) {
                      return in.at(n, c, y, x) * value_of(p("weight"), c) + value_of(p("bias"), c);
                    });
                  }});
}

}  // namespace

void add_tricks(std::vector<OpRow>& rows) {
  add_norms(rows);
  rows.push_back(
      {"lip_pool",
       {2, 4, 5, 4},
       [](Scope, Value x) { return lip_pool(slice_channels(x, 0, 2), slice_channels(x, 2, 2), {.coefficient = 1.5}); },
       [](const Plain& in, const Params&) { return loop_lip(in, 1.5); }});
  rows.push_back({"deform_conv2d",
                  {2, 29, 4, 3},
                  [](Scope s, Value x) {
                    return deform_conv(s, slice_channels(x, 0, 2), slice_channels(x, 2, 18), slice_channels(x, 20, 9),
                                       {.out = 3, .kernel = 3});
                  },
                  loop_deform,
                  3 * 4 * 3 * 2 * 9});
  rows.push_back({"lambda",
                  {2, 9, 4, 3},
                  [](Scope s, Value x) {
                    return lambda(s, slice_channels(x, 0, 4), slice_channels(x, 4, 2), slice_channels(x, 6, 3),
                                  {.heads = 2, .reach = 3});
                  },
                  loop_lambda,
                  3 * 2 * 4 * 3 * (1 + 9 + 2)});
}

}  // namespace springbok::engine
