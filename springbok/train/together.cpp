// Sums, texts and errors of several ranks.
#include "springbok/train/together.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <nlohmann/json.hpp>

#include "springbok/base/json.h"

namespace springbok::train {
namespace {

using Json = nlohmann::ordered_json;

/// Bytes of a rank's cell: enough for what ranks tell each other after a step.
constexpr std::size_t kCell = 320, kInCell = kCell - sizeof(std::uint64_t);

void sum_bytes(std::string& bytes, engine::Group& group) {
  at::Tensor sum = at::from_blob(bytes.data(), {static_cast<std::int64_t>(bytes.size())}, at::kByte);
  group.sum(sum);
}

/// Where the next run of tensors of one type ends.
std::size_t end_of_type(const std::vector<at::Tensor>& tensors, std::size_t from) {
  std::size_t end = from + 1;
  while (end < tensors.size() && tensors[end].scalar_type() == tensors[from].scalar_type()) ++end;
  return end;
}

}  // namespace

at::Tensor row_of(const at::Tensor& tensor) {
  check(tensor.is_non_overlapping_and_dense(), "ranks exchange dense tensors");
  return tensor.as_strided({tensor.numel()}, {1});
}

void sum_over_ranks(const std::vector<at::Tensor>& tensors, engine::Group& group) {
  if (group.size() == 1) return;
  const at::NoGradGuard no_grad;
  for (std::size_t from = 0; from < tensors.size();) {
    const std::size_t end = end_of_type(tensors, from);
    std::vector<at::Tensor> rows;
    for (; from < end; ++from) rows.push_back(row_of(tensors[from]));
    at::Tensor sum = at::cat(rows);
    group.sum(sum);
    std::int64_t at = 0;
    for (at::Tensor& row : rows) {
      row.copy_(sum.narrow(0, at, row.numel()));
      at += row.numel();
    }
  }
}

std::vector<double> summed_over_ranks(const std::vector<double>& numbers, engine::Group& group) {
  if (group.size() == 1) return numbers;
  at::Tensor sum = at::tensor(numbers, at::kDouble);
  group.sum(sum);
  const auto* first = sum.const_data_ptr<double>();
  return {first, first + numbers.size()};
}

bool of_first_rank(bool mine, engine::Group& group) {
  return summed_over_ranks({group.rank() == 0 && mine ? 1.0 : 0.0}, group)[0] > 0;
}

std::vector<std::string> gather(const std::string& mine, engine::Group& group) {
  if (group.size() == 1) return {mine};
  const auto ranks = static_cast<std::size_t>(group.size()), rank = static_cast<std::size_t>(group.rank());
  std::string first(ranks * kCell, '\0');  // a cell a rank: its length, and what of it fits
  const std::uint64_t size = mine.size();
  std::memcpy(first.data() + rank * kCell, &size, sizeof size);
  std::memcpy(first.data() + rank * kCell + sizeof size, mine.data(), std::min(mine.size(), kInCell));
  sum_bytes(first, group);
  std::vector<std::uint64_t> sizes(ranks);
  std::vector<std::string> texts(ranks);
  std::size_t more = 0, before = 0;  // bytes that do not fit: of all, and of the ranks before this one
  for (std::size_t i = 0; i < ranks; ++i) {
    std::memcpy(&sizes[i], first.data() + i * kCell, sizeof size);
    texts[i] = first.substr(i * kCell + sizeof size, std::min<std::size_t>(sizes[i], kInCell));
    if (i == rank) before = more;
    more += sizes[i] - texts[i].size();
  }
  if (more == 0) return texts;
  std::string rest(more, '\0');
  if (mine.size() > kInCell) mine.copy(rest.data() + before, std::string::npos, kInCell);
  sum_bytes(rest, group);
  std::size_t at = 0;
  for (std::size_t i = 0; i < ranks; ++i) {
    const std::size_t missing = sizes[i] - texts[i].size();
    texts[i] += rest.substr(at, missing);
    at += missing;
  }
  return texts;
}

std::string packed(const metrics::Tally& tally) {
  const double loss = metrics::loss_of(tally);
  metrics::Tally counts = tally;
  std::visit([](auto& sum) { sum.loss = 0; }, counts);
  std::string bytes(sizeof loss, '\0');
  std::memcpy(bytes.data(), &loss, sizeof loss);
  return bytes + json_text(metrics::to_json(counts));
}

metrics::Tally sum_of_packed(const std::vector<std::string>& tallies, const metrics::Task& task) {
  metrics::Tally all = metrics::empty_tally(task);
  for (const std::string& text : tallies) {
    metrics::Tally part = metrics::tally_from_json(Json::parse(text.substr(sizeof(double))), task, "another rank");
    std::visit([&](auto& sum) { std::memcpy(&sum.loss, text.data(), sizeof(double)); }, part);
    if (metrics::samples_of(part) > 0) all += part;
  }
  return all;
}

void end_where_one_failed(const Failure& mine, engine::Group& group) {
  const double none = summed_over_ranks({mine.text.empty() ? 0.0 : 1.0}, group)[0];
  if (none == 0) return;
  const std::vector<std::string> all = gather((mine.usage ? "u" : " ") + mine.text, group);
  for (int rank = 0; rank < group.size(); ++rank) {
    const std::string& each = all[static_cast<std::size_t>(rank)];
    if (each.size() < 2) continue;
    const std::string text = each.substr(1);
    const bool usage = each.front() == 'u';
    if (rank != group.rank()) throw EndedElsewhere(text, usage);
    if (usage) fail_usage("{}", text);
    fail("{}", text);
  }
}

void all_or_none(engine::Group& group, const std::function<void()>& work) {
  if (group.size() == 1) return work();
  Failure failure;
  try {
    work();
  } catch (const engine::RankLost&) {
    throw;
  } catch (const UsageError& error) {
    failure = {.text = error.what(), .usage = true};
  } catch (const Error& error) {
    failure = {.text = error.what()};
  }
  end_where_one_failed(failure, group);
}

void on_first_rank(engine::Group& group, const std::function<void()>& work) {
  all_or_none(group, [&] {
    if (group.rank() == 0) work();
  });
}

}  // namespace springbok::train
