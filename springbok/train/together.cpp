// Sums, texts and errors of several ranks.
#include "springbok/train/together.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "springbok/base/json.h"

namespace springbok::train {
namespace {

/// A tensor's memory in one row, in the order in which it lies.
at::Tensor row_of(const at::Tensor& tensor) {
  check(tensor.is_non_overlapping_and_dense(), "ranks exchange dense tensors");
  return tensor.as_strided({tensor.numel()}, {1});
}

struct Bucket {
  std::vector<at::Tensor> rows;
  at::Tensor sum;
  std::function<void()> wait;
};

/// Tensors of one type in a row that are together as large as a bucket may be, or a single larger one.
std::vector<Bucket> buckets_of(const std::vector<at::Tensor>& tensors) {
  constexpr std::int64_t kBytes = 25 << 20;
  std::vector<Bucket> buckets;
  std::int64_t filled = 0;
  for (const at::Tensor& tensor : tensors) {
    const std::int64_t bytes = tensor.numel() * static_cast<std::int64_t>(tensor.element_size());
    const bool opens =
        buckets.empty() || filled + bytes > kBytes || buckets.back().rows.front().scalar_type() != tensor.scalar_type();
    if (opens) {
      buckets.emplace_back();
      filled = 0;
    }
    buckets.back().rows.push_back(row_of(tensor));
    filled += bytes;
  }
  return buckets;
}

}  // namespace

void sum_over_ranks(const std::vector<at::Tensor>& tensors, engine::Group& group) {
  if (group.size() == 1 || tensors.empty()) return;
  const at::NoGradGuard no_grad;
  std::vector<Bucket> buckets = buckets_of(tensors);
  for (Bucket& bucket : buckets) {
    bucket.sum = bucket.rows.size() == 1 ? bucket.rows.front() : at::cat(bucket.rows);
    bucket.wait = group.begin_sum(bucket.sum);
  }
  for (Bucket& bucket : buckets) {
    bucket.wait();
    std::int64_t from = 0;
    for (at::Tensor& row : bucket.rows) {
      if (bucket.rows.size() > 1) row.copy_(bucket.sum.narrow(0, from, row.numel()));
      from += row.numel();
    }
  }
}

std::vector<std::string> gather(const std::string& mine, engine::Group& group) {
  if (group.size() == 1) return {mine};
  const auto ranks = static_cast<std::int64_t>(group.size());
  at::Tensor lengths = at::zeros({ranks}, at::kLong);
  lengths[group.rank()] = static_cast<std::int64_t>(mine.size());
  group.sum(lengths);
  const auto* length = lengths.const_data_ptr<std::int64_t>();
  std::int64_t all = 0, before = 0;
  for (int rank = 0; rank < group.size(); ++rank) {
    if (rank == group.rank()) before = all;
    all += length[rank];
  }
  if (all == 0) return std::vector<std::string>(static_cast<std::size_t>(ranks));
  at::Tensor bytes = at::zeros({all}, at::kByte);
  std::memcpy(bytes.mutable_data_ptr<std::uint8_t>() + before, mine.data(), mine.size());
  group.sum(bytes);
  std::vector<std::string> texts;
  const auto* text = reinterpret_cast<const char*>(bytes.const_data_ptr<std::uint8_t>());
  for (int rank = 0; rank < group.size(); text += length[rank++]) {
    texts.emplace_back(text, static_cast<std::size_t>(length[rank]));
  }
  return texts;
}

metrics::Tally tally_of_all(const metrics::Tally& mine, const metrics::Task& task, engine::Group& group) {
  if (group.size() == 1) return mine;
  metrics::Tally sum = metrics::empty_tally(task);
  for (const std::string& text : gather(json_text(metrics::to_json(mine)), group)) {
    const metrics::Tally part = metrics::tally_from_json(nlohmann::ordered_json::parse(text), task, "another rank");
    if (metrics::samples_of(part) > 0) sum += part;
  }
  return sum;
}

void all_or_none(engine::Group& group, const std::function<void()>& work) {
  if (group.size() == 1) return work();
  std::string why;
  std::exception_ptr error;
  try {
    work();
  } catch (const engine::RankLost&) {
    throw;
  } catch (const Error& failed) {
    why = failed.what();
    error = std::current_exception();
  }
  const std::vector<std::string> all = gather(why, group);
  const auto first = std::find_if(all.begin(), all.end(), [](const std::string& each) { return !each.empty(); });
  if (first == all.end()) return;
  if (first - all.begin() == group.rank()) std::rethrow_exception(error);
  throw EndedElsewhere(*first);
}

void on_first_rank(engine::Group& group, const std::function<void()>& work) {
  all_or_none(group, [&] {
    if (group.rank() == 0) work();
  });
}

}  // namespace springbok::train
