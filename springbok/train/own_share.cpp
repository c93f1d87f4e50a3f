// Cutting batches.
#include "springbok/train/own_share.h"

#include <vector>

namespace springbok::train {
namespace {

/// Of rows, `all` of them.
template <class T>
void keep_rows(std::vector<T>& values, std::int64_t all, std::int64_t from, std::int64_t to) {
  const std::ptrdiff_t width = all == 0 ? 0 : std::ssize(values) / all;
  values.erase(values.begin() + to * width, values.end());
  values.erase(values.begin(), values.begin() + from * width);
}

}  // namespace

void keep_share(data::Batch& batch, recipe::Mixed& mixed, int rank, int ranks) {
  const std::int64_t all = batch.size, from = all * rank / ranks, to = all * (rank + 1) / ranks;
  keep_rows(batch.pixels, all, from, to);
  keep_rows(batch.targets, all, from, to);
  keep_rows(batch.indices, all, from, to);
  keep_rows(batch.labels, all, from, to);
  keep_rows(batch.masks, all, from, to);
  keep_rows(mixed.partners, all, from, to);
  keep_rows(mixed.shares, all, from, to);
  keep_rows(mixed.labels, all, from, to);
  batch.size = to - from;
  batch.first += from;
}

}  // namespace springbok::train
