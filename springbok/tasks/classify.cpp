// Classification on tensors.
#include "springbok/tasks/classify.h"

#include <ATen/ops/all.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/topk.h>

#include <algorithm>

#include "springbok/base/error.h"
#include "springbok/tasks/expect.h"

namespace springbok::tasks {
namespace {

constexpr std::int64_t kTop5 = 5;

/// The ranking alone, without probabilities. (N,classes) -> (N,k).
at::Tensor ranking(const at::Tensor& logits, std::int64_t k) {
  expect_logits(logits);
  if (k < 1) fail("one best class or more, not {}", k);
  return std::get<1>(at::topk(logits.detach(), std::min(k, logits.size(1)), 1, true, true)).contiguous();
}

std::vector<char> finite_rows(const at::Tensor& logits) {
  const at::Tensor rows = at::isfinite(logits.detach()).all(1).contiguous();
  const auto* data = rows.const_data_ptr<bool>();
  return {data, data + rows.numel()};
}

std::vector<std::int64_t> copied(const at::Tensor& indices) {
  const auto* data = indices.const_data_ptr<std::int64_t>();
  return {data, data + indices.numel()};
}

}  // namespace

Best best_classes(const at::Tensor& logits, std::int64_t k) {
  const at::Tensor indices = ranking(logits, k);
  const at::Tensor shares = at::softmax(logits.detach(), 1).gather(1, indices).to(at::kDouble).contiguous();
  const auto* data = shares.const_data_ptr<double>();
  return {.rows = indices.size(0),
          .k = indices.size(1),
          .classes = copied(indices),
          .probabilities = {data, data + shares.numel()},
          .finite = finite_rows(logits)};
}

std::vector<metrics::Guess> guesses_of(const Best& best, std::int64_t row, const std::vector<std::string>& names) {
  std::vector<metrics::Guess> guesses;
  const auto first = static_cast<std::size_t>(row * best.k);
  for (std::size_t at = first; at < first + static_cast<std::size_t>(best.k); ++at) {
    guesses.push_back({names.at(static_cast<std::size_t>(best.classes[at])), best.probabilities[at]});
  }
  return guesses;
}

std::int64_t first_not_finite(const Best& best) {
  return std::find(best.finite.begin(), best.finite.end(), 0) - best.finite.begin();
}

metrics::ClassTally sums_of(const at::Tensor& logits, std::span<const std::int64_t> targets, double loss_sum) {
  const at::Tensor indices = ranking(logits, kTop5);
  const Best best{.rows = indices.size(0),
                  .k = indices.size(1),
                  .classes = copied(indices),
                  .probabilities = {},
                  .finite = finite_rows(logits)};
  return sums_of(best, targets, loss_sum);
}

metrics::ClassTally sums_of(const Best& best, std::span<const std::int64_t> targets, double loss_sum) {
  if (best.rows != std::ssize(targets)) fail("{} targets for {} rows of logits", targets.size(), best.rows);
  metrics::ClassTally sums{.samples = best.rows, .loss = loss_sum};
  for (std::int64_t i = 0; i < best.rows; ++i) {
    if (best.finite[static_cast<std::size_t>(i)] == 0) continue;
    const auto row = best.row(i).first(static_cast<std::size_t>(std::min(best.k, kTop5)));
    const std::int64_t target = targets[static_cast<std::size_t>(i)];
    sums.top1 += row[0] == target;
    sums.top5 += std::find(row.begin(), row.end(), target) != row.end();
  }
  return sums;
}

void count_classes(const Best& best, std::span<const std::int64_t> targets, std::vector<metrics::ClassCount>& counts) {
  expect_targets(best.rows, targets, std::ssize(counts));
  for (const std::int64_t guess : best.classes) expect_class(guess, std::ssize(counts));
  for (std::int64_t i = 0; i < best.rows; ++i) {
    const auto row = best.row(i).first(static_cast<std::size_t>(std::min(best.k, kTop5)));
    const std::int64_t target = targets[static_cast<std::size_t>(i)];
    metrics::ClassCount& count = counts[static_cast<std::size_t>(target)];
    ++count.samples;
    if (best.finite[static_cast<std::size_t>(i)] == 0) continue;
    count.top1 += row[0] == target;
    count.top5 += std::find(row.begin(), row.end(), target) != row.end();
    ++counts[static_cast<std::size_t>(row[0])].predicted;
  }
}

}  // namespace springbok::tasks
