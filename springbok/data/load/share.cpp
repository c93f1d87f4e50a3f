// Batches cut into shares.
#include "springbok/data/load/share.h"

#include <algorithm>

#include "springbok/base/error.h"

namespace springbok::data {

Shares::Shares(const LoaderSettings& settings, std::int64_t samples)
    : batch_(settings.batch),
      rank_(settings.rank),
      ranks_(settings.ranks),
      mix_over_(settings.mix_over),
      batches_(batches_per_epoch(samples, batch_, settings.drop_last)),
      positions_(std::min(batches_ * batch_, samples)) {
  if (ranks_ < 1 || rank_ < 0 || rank_ >= ranks_) {
    fail_usage("rank: must be between 0 and one below the {} ranks, got {}", ranks_, rank_);
  }
  if (mix_over_ < 0 || mix_over_ % batch_ != 0) {
    fail_usage("mix_over: must be a multiple of the batch of {}, got {}", batch_, mix_over_);
  }
  if (batch_ < ranks_) {
    fail_usage("a batch of {} cannot be shared by {} ranks; take a larger batch or fewer ranks", batch_, ranks_);
  }
}

Share Shares::at(std::int64_t number) const {
  const std::int64_t begin = number * batch_, size = std::min(batch_, positions_ - begin);
  Share share{.first = begin + size * rank_ / ranks_};
  share.size = begin + size * (rank_ + 1) / ranks_ - share.first;
  if (mix_over_ == 0 || share.size == 0) return share;
  const std::int64_t circle = share.first / mix_over_ * mix_over_, end = std::min(circle + mix_over_, positions_);
  if (share.size < end - circle) share.previous = share.first > circle ? share.first - 1 : end - 1;
  return share;
}

std::optional<std::int64_t> Shares::ahead(std::int64_t number, std::int64_t i) const {
  for (; number < batches_; ++number) {
    const Share share = at(number);
    if (i < share.size) return share.first + i;
    i -= share.size;
  }
  return std::nullopt;
}

}  // namespace springbok::data
