// Buckets of gradients, and the hooks that tell when they are full.
#include "springbok/train/gradient_sums.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <torch/csrc/autograd/function_hook.h>
#include <torch/csrc/autograd/variable.h>

#include <memory>
#include <ranges>
#include <utility>

#include "springbok/train/together.h"

namespace springbok::train {
namespace {

constexpr std::int64_t kBucketBytes = 8 << 20;

/// Called when backward has added a parameter's gradient.
class Hook final : public torch::autograd::PostAccumulateGradHook {
 public:
  explicit Hook(std::function<void()> call) : call_(std::move(call)) {}
  void operator()(const at::Tensor&) override { call_(); }

 private:
  std::function<void()> call_;
};

std::int64_t bytes_of(const at::Tensor& tensor) {
  return tensor.numel() * static_cast<std::int64_t>(tensor.element_size());
}

}  // namespace

GradientSums::GradientSums(const std::vector<ParamGroup>& groups, engine::Group& group, Settings settings)
    : group_(group), settings_(settings) {
  make_buckets(groups);
  if (!settings_.early) return;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    for (const at::Tensor& parameter : buckets_[i].parameters) {
      torch::autograd::impl::set_post_acc_grad_hooks(parameter, std::make_unique<Hook>([this, i] { note(i); }));
    }
  }
}

GradientSums::~GradientSums() {
  if (!settings_.early) return;
  for (const Bucket& bucket : buckets_) {
    for (const at::Tensor& parameter : bucket.parameters) {
      torch::autograd::impl::set_post_acc_grad_hooks(parameter, nullptr);
    }
  }
}

/// By the graph's order turned round, whatever groups the optimizer has.
void GradientSums::make_buckets(const std::vector<ParamGroup>& groups) {
  std::map<graph::ParamId, at::Tensor> parameters;
  for (const ParamGroup& group : groups) {
    for (const Slot& slot : group.slots) parameters.emplace(slot.param, slot.value);
  }
  std::int64_t filled = 0;
  for (const auto& [id, parameter] : parameters | std::views::reverse) {
    const bool opens = buckets_.empty() || filled + bytes_of(parameter) > kBucketBytes ||
                       buckets_.back().parameters.front().scalar_type() != parameter.scalar_type();
    if (opens) {
      buckets_.emplace_back();
      filled = 0;
    }
    buckets_.back().parameters.push_back(parameter);
    filled += bytes_of(parameter);
  }
}

void GradientSums::arm() {
  armed_ = true;
  begun_ = 0;
  for (Bucket& bucket : buckets_) bucket.ready = 0;
}

/// In backward, of this thread.
void GradientSums::note(std::size_t bucket) {
  if (!armed_) return;
  ++buckets_[bucket].ready;
  while (begun_ < buckets_.size() && buckets_[begun_].ready == buckets_[begun_].parameters.size()) {
    begin(buckets_[begun_++]);
  }
}

void GradientSums::begin(Bucket& bucket) {
  const at::NoGradGuard no_grad;
  bucket.rows.clear();
  for (const at::Tensor& parameter : bucket.parameters) {
    if (parameter.grad().defined()) bucket.rows.push_back(row_of(parameter.grad()));
  }
  if (bucket.rows.empty()) return;
  bucket.sum = bucket.rows.size() == 1 ? bucket.rows.front() : at::cat(bucket.rows);
  if (settings_.compress == recipe::Compress::fp16) bucket.sum = bucket.sum.to(at::kHalf);
  if (settings_.compress == recipe::Compress::bf16) bucket.sum = bucket.sum.to(at::kBFloat16);
  bytes_ += bytes_of(bucket.sum);
  bucket.wait = group_.begin_sum(bucket.sum);
}

void GradientSums::begin_rest() {
  if (!armed_) arm();
  armed_ = false;
  while (begun_ < buckets_.size()) begin(buckets_[begun_++]);
}

void GradientSums::end(Bucket& bucket) const {
  bucket.wait();
  bucket.wait = nullptr;
  std::int64_t from = 0;
  const bool elsewhere = bucket.rows.size() > 1 || settings_.compress != recipe::Compress::none;
  for (at::Tensor& row : bucket.rows) {
    if (elsewhere) row.copy_(bucket.sum.narrow(0, from, row.numel()));
    from += row.numel();
  }
  bucket.rows.clear();
  bucket.sum.reset();
}

void GradientSums::finish() {
  begin_rest();
  const at::NoGradGuard no_grad;
  for (Bucket& bucket : buckets_) {
    if (bucket.wait) end(bucket);
  }
}

}  // namespace springbok::train
