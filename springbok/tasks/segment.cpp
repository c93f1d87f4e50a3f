// Losses and counts of pixels.
#include "springbok/tasks/segment.h"

#include <ATen/ops/argmax.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/logical_and.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>

#include "springbok/base/error.h"
#include "springbok/tasks/finite.h"

namespace springbok::tasks {
namespace {

void expect_masks(const at::Tensor& scores, const at::Tensor& masks) {
  const bool whole = scores.dim() == 4 && at::isFloatingType(scores.scalar_type());
  if (!whole) fail("scores of pixels are (N,classes,H,W) numbers, not {}", fmt::join(scores.sizes(), " x "));
  const bool fits = masks.dim() == 3 && masks.scalar_type() == at::kByte && masks.size(0) == scores.size(0) &&
                    masks.size(1) == scores.size(2) && masks.size(2) == scores.size(3);
  if (!fits) {
    fail("masks of shape {} do not fit scores of {}", fmt::join(masks.sizes(), " x "),
         fmt::join(scores.sizes(), " x "));
  }
  const std::int64_t classes = scores.size(1);
  const at::Tensor wrong = at::logical_and(masks.ne(metrics::kIgnoredPixel), masks.ge(classes));
  if (classes > metrics::kIgnoredPixel || !wrong.any().item<bool>()) return;
  fail("a mask has a pixel of class {}, there are {} classes", masks.masked_select(wrong)[0].item<std::int64_t>(),
       classes);
}

std::span<const std::uint8_t> bytes_of(const at::Tensor& tensor) {
  return {tensor.const_data_ptr<std::uint8_t>(), static_cast<std::size_t>(tensor.numel())};
}

}  // namespace

at::Tensor mask_tensor(std::span<const std::uint8_t> masks, at::IntArrayRef sizes) {
  at::Tensor tensor = at::empty(sizes, at::kByte);
  if (tensor.numel() != std::ssize(masks)) fail("{} pixels make no masks of {}", masks.size(), fmt::join(sizes, " x "));
  std::copy(masks.begin(), masks.end(), tensor.mutable_data_ptr<std::uint8_t>());
  return tensor;
}

PixelLoss pixel_loss(const at::Tensor& scores, const at::Tensor& masks) {
  expect_masks(scores, masks);
  const at::Tensor sum =
      at::cross_entropy_loss(scores, masks.to(at::kLong), {}, at::Reduction::Sum, std::int64_t{metrics::kIgnoredPixel});
  return {.sum = sum, .counted = masks.ne(metrics::kIgnoredPixel).sum().item<std::int64_t>()};
}

at::Tensor pixel_loss_sum(const at::Tensor& scores, const at::Tensor& masks) {
  const PixelLoss loss = pixel_loss(scores, masks);
  if (loss.counted == 0) return loss.sum;
  return loss.sum.mul(static_cast<double>(scores.size(0)) / static_cast<double>(loss.counted));
}

at::Tensor predicted_masks(const at::Tensor& scores) {
  const at::Tensor best = at::argmax(scores, 1);
  if (all_finite(scores)) return best.to(at::kByte);
  const at::Tensor finite = at::isfinite(scores).all(1);
  return best.masked_fill(finite.logical_not(), metrics::kIgnoredPixel).to(at::kByte);
}

metrics::PixelTally pixel_tally(const at::Tensor& scores, const at::Tensor& masks, double loss_sum) {
  expect_masks(scores, masks);
  return pixel_tally(predicted_masks(scores.detach()), masks, scores.size(1), loss_sum);
}

metrics::PixelTally pixel_tally(const at::Tensor& predicted, const at::Tensor& masks, std::int64_t classes,
                                double loss_sum) {
  const at::Tensor truth = masks.contiguous(), given = predicted.contiguous();
  metrics::PixelTally tally = metrics::count_pixels(bytes_of(truth), bytes_of(given), classes);
  tally.samples = masks.size(0);
  tally.loss = loss_sum;
  return tally;
}

}  // namespace springbok::tasks
