// Classification on tensors.
#include "springbok/tasks/classify.h"

#include <ATen/core/Reduction.h>
#include <ATen/ops/add.h>
#include <ATen/ops/all.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/topk.h>

#include <algorithm>

#include "springbok/base/error.h"

namespace springbok::tasks {
namespace {

constexpr std::int64_t kTop5 = 5;

/// Throws Error for what is no (N,classes) of float or double.
void expect_logits(const at::Tensor& logits) {
  const bool scores = logits.defined() && logits.dim() == 2 && logits.size(1) > 0 &&
                      (logits.scalar_type() == at::kFloat || logits.scalar_type() == at::kDouble);
  if (scores) return;
  if (!logits.defined()) fail("logits are (N,classes), got no tensor");
  fail("logits are (N,classes) of float or double, got {} dimensions of {}", logits.dim(),
       at::toString(logits.scalar_type()));
}

void expect_class(std::int64_t target, std::int64_t classes) {
  if (target < 0 || target >= classes) fail("a target is a class from 0 to {}, got {}", classes - 1, target);
}

/// Throws Error unless there is a class for each row.
void expect_targets(std::int64_t rows, std::span<const std::int64_t> targets, std::int64_t classes) {
  if (std::ssize(targets) != rows) fail("{} targets for {} rows of logits", targets.size(), rows);
  for (const std::int64_t target : targets) expect_class(target, classes);
}

std::span<const std::int64_t> values_of(const at::Tensor& targets) {
  return {targets.const_data_ptr<std::int64_t>(), static_cast<std::size_t>(targets.numel())};
}

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

at::Tensor cross_entropy_sum(const at::Tensor& logits, const at::Tensor& targets, double smoothing) {
  constexpr std::int64_t kIgnoreNothing = -100;
  expect_logits(logits);
  if (!targets.defined() || targets.dim() != 1 || targets.scalar_type() != at::kLong) {
    fail("targets are (N) of int64, one class a row of logits");
  }
  const at::Tensor here = targets.cpu().contiguous();
  expect_targets(logits.size(0), values_of(here), logits.size(1));
  const bool share = smoothing >= 0 && smoothing <= 1;
  if (!share) fail("label smoothing: must be between 0 and 1, got {}", smoothing);
  return at::cross_entropy_loss(logits, targets.to(logits.device()), {}, at::Reduction::Sum, kIgnoreNothing, smoothing);
}

at::Tensor cross_entropy_sum(const at::Tensor& logits, const MixedTargets& mixed, double smoothing) {
  const at::Tensor loss = cross_entropy_sum(logits, target_tensor(mixed.targets), smoothing);
  if (mixed.partners.empty()) return loss;
  const at::Tensor other = cross_entropy_sum(logits, target_tensor(mixed.partners), smoothing);
  return at::add(at::mul(loss, mixed.share), other, 1 - mixed.share);
}

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

at::Tensor target_tensor(std::span<const std::int64_t> targets) {
  // from_blob takes a mutable pointer; nothing here writes through it.
  return at::from_blob(const_cast<std::int64_t*>(targets.data()), {static_cast<std::int64_t>(targets.size())},
                       at::kLong);
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
