// Sums, texts and errors of several ranks.
#include "springbok/train/together.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "springbok/base/json.h"

namespace springbok::train {
namespace {

using Json = nlohmann::ordered_json;

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

/// Losses travel as bytes: they may be no numbers.
metrics::Tally tally_of_all(const metrics::Tally& mine, const metrics::Task& task, engine::Group& group) {
  if (group.size() == 1) return mine;
  const double loss = metrics::loss_of(mine);
  metrics::Tally counts = mine;
  std::visit([](auto& sum) { sum.loss = 0; }, counts);
  std::string bytes(sizeof loss, '\0');
  std::memcpy(bytes.data(), &loss, sizeof loss);
  metrics::Tally all = metrics::empty_tally(task);
  for (const std::string& text : gather(bytes + json_text(metrics::to_json(counts)), group)) {
    metrics::Tally part = metrics::tally_from_json(Json::parse(text.substr(sizeof loss)), task, "another rank");
    std::visit([&](auto& sum) { std::memcpy(&sum.loss, text.data(), sizeof loss); }, part);
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
