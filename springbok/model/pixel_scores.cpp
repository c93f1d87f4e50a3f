// Scores of pixels: pad, cut, run, bring back, take the mean.
#include "springbok/model/pixel_scores.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/logaddexp.h>
#include <ATen/ops/upsample_bilinear2d.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "springbok/base/error.h"
#include "springbok/base/text.h"
#include "springbok/engine/place.h"

namespace springbok::model {
namespace {

constexpr std::int64_t kStride = 32;

using Run = std::function<at::Tensor(const at::Tensor&)>;

struct Side {
  std::int64_t from = 0, to = 0;
};

/// Windows along one side: as many as it takes, the last one at the end.
std::vector<Side> windows_of(std::int64_t side, std::int64_t window) {
  if (side <= window) return {{0, side}};
  const std::int64_t step = std::max<std::int64_t>(1, 2 * window / 3);
  std::vector<Side> sides;
  for (std::int64_t from = 0; sides.empty() || sides.back().to < side; from += step) {
    const std::int64_t to = std::min(from + window, side);
    sides.push_back({to - window, to});
  }
  return sides;
}

at::Tensor padded_scores(const Run& run, const at::Tensor& input, std::int64_t crop) {
  const std::int64_t height = input.size(2), width = input.size(3);
  const std::int64_t below = padded_side(height, crop) - height, right = padded_side(width, crop) - width;
  const at::Tensor padded = below + right == 0 ? input : at::constant_pad_nd(input, {0, right, 0, below});
  const at::Tensor scores = run(padded);
  if (scores.dim() != 4 || scores.size(2) != padded.size(2) || scores.size(3) != padded.size(3)) {
    fail("the network does not score each pixel of {} x {}: its output has {} dimensions, {} x {} at the end",
         padded.size(2), padded.size(3), scores.dim(), scores.size(-2), scores.size(-1));
  }
  return scores.narrow(2, 0, height).narrow(3, 0, width);
}

at::Tensor windowed_scores(const Run& run, const at::Tensor& input, std::int64_t window, std::int64_t crop) {
  const std::int64_t height = input.size(2), width = input.size(3);
  if (window == 0 || (height <= window && width <= window)) return padded_scores(run, input, crop);
  at::Tensor sum, count;
  for (const Side& rows : windows_of(height, window)) {
    for (const Side& columns : windows_of(width, window)) {
      const auto cut = [&](const at::Tensor& all) {
        return all.narrow(2, rows.from, rows.to - rows.from).narrow(3, columns.from, columns.to - columns.from);
      };
      const at::Tensor scores = padded_scores(run, cut(input), crop);
      if (!sum.defined()) {
        sum = at::zeros({input.size(0), scores.size(1), height, width}, scores.options());
        count = at::zeros({1, 1, height, width}, scores.options());
      }
      cut(sum).add_(scores);
      cut(count).add_(1);
    }
  }
  return sum.div_(count);
}

at::Tensor resized(const at::Tensor& map, std::int64_t height, std::int64_t width) {
  if (map.size(2) == height && map.size(3) == width) return map;
  return at::upsample_bilinear2d(map, {height, width}, false);
}

std::int64_t scaled(std::int64_t side, double scale) {
  return std::max<std::int64_t>(1, std::llround(static_cast<double>(side) * scale));
}

}  // namespace

const std::vector<std::string>& protocol_names() {
  static const std::vector<std::string> names{"native", "elastic"};
  return names;
}

std::int64_t padded_side(std::int64_t side, std::int64_t crop) {
  const std::int64_t rest = crop % kStride;
  return side + ((rest - side) % kStride + kStride) % kStride;
}

at::Tensor pixel_scores(const engine::Executor& executor, const engine::State& state, data::Batch& batch,
                        Precision precision, const Views& views, const PixelViews& pixels, std::int64_t crop) {
  const at::NoGradGuard no_grad;
  const at::Tensor input = engine::upload(input_tensor(batch), engine::device_of(state));
  const Run run = [&](const at::Tensor& x) {
    return executor.forward(state, x.contiguous(at::MemoryFormat::ChannelsLast),
                            {.train = false, .precision = precision});
  };
  const bool logits = views.mean == TtaMean::logits;
  const std::int64_t height = input.size(2), width = input.size(3);
  at::Tensor sum;
  std::int64_t count = 0;
  const auto add = [&](const at::Tensor& scores) {
    at::Tensor one = resized(scores, height, width);
    if (!logits) one = at::log_softmax(one, 1);
    ++count;
    if (!sum.defined()) {
      sum = one;
    } else {
      sum = logits ? sum.add(one) : at::logaddexp(sum, one);
    }
  };
  for (const double scale : pixels.scales) {
    const at::Tensor x = resized(input, scaled(height, scale), scaled(width, scale));
    add(windowed_scores(run, x, pixels.window, crop));
    if (views.tta == Tta::flip) add(windowed_scores(run, x.flip({3}), pixels.window, crop).flip({3}));
  }
  if (logits && count > 1) sum = sum.div(static_cast<double>(count));
  if (!logits) sum = sum.sub(std::log(static_cast<double>(count)));
  return engine::download(sum);
}

std::string to_text(const PixelViews& pixels, const Views& views, std::int64_t crop) {
  if (pixels.protocol == Protocol::elastic) {
    return format("elastic: each image padded on all sides to {} x {}, or cut to it, the truth with it", crop, crop);
  }
  const std::int64_t rest = crop % kStride;
  std::string text =
      format("native size, padded to multiples of {}{}", kStride, rest == 0 ? "" : format(" and {}", rest));
  if (pixels.scales != std::vector<double>{1}) {
    std::vector<std::string> texts;
    for (const double scale : pixels.scales) texts.push_back(format("{}", scale));
    text += format("; scales {}", join(texts));
  }
  if (pixels.window > 0) text += format("; windows of {} x {}", pixels.window, pixels.window);
  return text + to_text(views);
}

}  // namespace springbok::model
