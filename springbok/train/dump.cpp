// Saving a step and the network that it broke.
#include "springbok/train/dump.h"

#include <algorithm>

#include "springbok/base/text.h"
#include "springbok/engine/state.h"
#include "springbok/model/input.h"
#include "springbok/tasks/classify.h"
#include "springbok/tasks/multilabel.h"
#include "springbok/tasks/segment.h"
#include "springbok/tensors/write.h"

namespace springbok::train {
namespace {

tensors::Value numbers(const std::vector<std::int64_t>& values) {
  return {engine::to_plain(tasks::target_tensor(values))};
}

tensors::Dict to_dict(StepBatch& step, std::int64_t first_sample, const data::Source& source) {
  tensors::List names, shares;
  for (const double share : step.mixed.shares) shares.push_back({share});
  for (const std::int64_t index : step.batch.indices) names.push_back({source.name(index)});
  const data::Batch& batch = step.batch;
  tensors::Dict dict{{"input", {engine::to_plain(model::input_tensor(step.batch))}},
                     {"targets", numbers(batch.targets)},
                     {"partners", numbers(step.mixed.partners)},
                     {"share", {step.mixed.share}},
                     {"shares", {std::move(shares)}},
                     {"first_sample", {first_sample}},
                     {"names", {std::move(names)}},
                     {"indices", numbers(batch.indices)}};
  const auto add_labels = [&](const char* key, const std::vector<std::uint8_t>& labels) {
    if (!labels.empty()) dict.push_back({key, {engine::to_plain(tasks::label_tensor(labels, batch.size))}});
  };
  add_labels("labels", batch.labels);
  add_labels("partner_labels", step.mixed.labels);
  if (!batch.masks.empty()) {
    const at::Tensor masks = tasks::mask_tensor(batch.masks, {batch.size, batch.height, batch.width});
    dict.push_back({"masks", {engine::to_plain(masks)}});
  }
  return dict;
}

}  // namespace

void dump(const std::filesystem::path& path, tensors::Dict checkpoint, tensors::Dict given,
          std::vector<StepBatch> batches, const data::Source& source) {
  tensors::List list;
  const std::int64_t first = batches.empty() ? 0 : batches.front().batch.first;  // the step begins with its first batch
  for (StepBatch& step : batches) list.push_back({to_dict(step, step.batch.first - first, source)});
  given.push_back({"batches", {std::move(list)}});
  checkpoint.push_back({"given", {std::move(given)}});
  tensors::write_pt(path, {std::move(checkpoint)});
}

void add_outcome(tensors::Dict& given, const NotFinite& error) {
  tensors::List losses;
  for (const double loss : error.losses) losses.push_back({loss});
  given.push_back({"error", {std::string(error.what())}});
  given.push_back({"losses", {std::move(losses)}});
}

std::string sample_names(const data::Batch& batch, const data::Source& source) {
  constexpr std::size_t kShown = 4;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < std::min(kShown, batch.indices.size()); ++i)
    names.push_back(source.name(batch.indices[i]));
  const std::string more = batch.indices.size() > kShown ? format(" and {} more", batch.indices.size() - kShown) : "";
  return join(names) + more;
}

}  // namespace springbok::train
