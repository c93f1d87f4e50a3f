// Saving a batch and the network that it broke.
#include "springbok/train/dump.h"

#include <algorithm>

#include "springbok/base/text.h"
#include "springbok/tasks/classify.h"
#include "springbok/train/batch.h"
#include "springbok/weights/write.h"

namespace springbok::train {

std::string dump(const RunFolder& folder, data::Batch& batch, const graph::Graph& graph, const engine::State& state,
                 const data::Source& source, std::int64_t step) {
  weights::Dict tensors;
  for (auto& [name, tensor] : engine::state_dict(graph, state)) tensors.emplace_back(name, weights::Value{tensor});
  weights::List names;
  for (const std::int64_t index : batch.indices) names.push_back({source.name(index)});
  weights::Dict root;
  root.emplace_back("input", weights::Value{engine::to_plain(input_tensor(batch))});
  root.emplace_back("targets", weights::Value{engine::to_plain(tasks::target_tensor(batch.targets))});
  root.emplace_back("names", weights::Value{std::move(names)});
  root.emplace_back("step", weights::Value{step});
  root.emplace_back("state_dict", weights::Value{std::move(tensors)});
  weights::write_pt(folder.dump(step), {std::move(root)});
  return folder.dump(step).string();
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
