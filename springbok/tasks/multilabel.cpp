// Losses and counts of labels.
#include "springbok/tasks/multilabel.h"

#include <ATen/ops/binary_cross_entropy_with_logits.h>
#include <ATen/ops/empty.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "springbok/base/error.h"

namespace springbok::tasks {
namespace {

void expect_labels(const at::Tensor& logits, const at::Tensor& labels) {
  const bool scores = logits.dim() == 2 && at::isFloatingType(logits.scalar_type()) && logits.size(1) > 0;
  if (!scores) fail("logits of labels are (N,classes) numbers, not {}", fmt::join(logits.sizes(), " x "));
  if (labels.scalar_type() != at::kByte || labels.sizes() != logits.sizes()) {
    fail("labels of shape {} do not fit logits of {}", fmt::join(labels.sizes(), " x "),
         fmt::join(logits.sizes(), " x "));
  }
}

}  // namespace

at::Tensor label_tensor(std::span<const std::uint8_t> labels, std::int64_t images) {
  const std::int64_t classes = images == 0 ? 0 : std::ssize(labels) / images;
  if (images * classes != std::ssize(labels)) fail("{} labels make no rows of {} images", labels.size(), images);
  at::Tensor tensor = at::empty({images, classes}, at::kByte);
  std::copy(labels.begin(), labels.end(), tensor.mutable_data_ptr<std::uint8_t>());
  return tensor;
}

at::Tensor label_loss_sum(const at::Tensor& logits, const at::Tensor& labels, double scale) {
  expect_labels(logits, labels);
  const at::Tensor present = labels.ne(0).to(logits.scalar_type());
  const at::Tensor sum = at::binary_cross_entropy_with_logits(logits, present, {}, {}, at::Reduction::Sum);
  return sum.mul(scale / static_cast<double>(logits.size(1)));
}

metrics::LabelTally label_tally(const at::Tensor& logits, const at::Tensor& labels, double loss_sum, bool keep_scores) {
  expect_labels(logits, labels);
  const at::Tensor scores = logits.detach().to(at::kFloat).contiguous(), sizes = labels.contiguous();
  const auto* first_score = scores.const_data_ptr<float>();
  const auto* first_size = sizes.const_data_ptr<std::uint8_t>();
  metrics::LabelTally tally{.samples = logits.size(0), .loss = loss_sum};
  tally.kept = {.classes = logits.size(1),
                .scores = {first_score, first_score + scores.numel()},
                .labels = {first_size, first_size + sizes.numel()}};
  tally.classes = metrics::count_above(tally.kept, 0);
  if (!keep_scores) tally.kept = {};
  return tally;
}

}  // namespace springbok::tasks
