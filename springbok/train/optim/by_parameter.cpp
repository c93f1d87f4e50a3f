// Keeping, saving and loading what rules keep.
#include "springbok/train/optim/by_parameter.h"

#include <ATen/ops/full_like.h>

#include <algorithm>

#include "springbok/base/error.h"

namespace springbok::train {

ByParameter::ByParameter(std::vector<ParamGroup> groups, std::vector<GradientStep> steps, std::vector<Kept> kept)
    : Optimizer(std::move(groups), std::move(steps)), kept_(std::move(kept)) {
  for (const ParamGroup& group : this->groups()) own_.emplace_back(group.slots.size());
}

void ByParameter::update(std::size_t group, double lr) {
  const ParamGroup& params = groups()[group];
  for (std::size_t i = 0; i < params.slots.size(); ++i) {
    at::Tensor value = params.slots[i].value.detach();
    at::Tensor gradient = params.slots[i].value.grad();
    if (!gradient.defined()) continue;
    Own& own = own_[group][i];
    if (own.updates == 0) {
      for (const Kept& each : kept(group)) own.tensors.push_back(at::full_like(value, each.first));
    }
    ++own.updates;
    move_in(group, value, gradient, own, lr);
  }
}

tensors::Dict ByParameter::buffers(std::size_t group, std::size_t slot) const {
  const Own& own = own_[group][slot];
  if (own.updates == 0) return {};
  tensors::Dict dict{{"step", {own.updates}}};
  for (std::size_t i = 0; i < own.tensors.size(); ++i) {
    dict.push_back({kept(group)[i].name, {engine::to_plain(own.tensors[i])}});
  }
  return dict;
}

bool ByParameter::keeps(std::size_t group, const tensors::Dict& buffers) const {
  const std::vector<Kept>& all = kept(group);
  return std::all_of(all.begin(), all.end(),
                     [&](const Kept& each) { return tensors::find(buffers, each.name) != nullptr; });
}

void ByParameter::load_buffers(std::size_t group, std::size_t slot, const tensors::Dict& buffers,
                               const std::string& where) {
  Own& own = own_[group][slot];
  const auto* updates = tensors::find_as<std::int64_t>(buffers, "step");
  if (updates == nullptr || *updates < 1) {
    fail("{}: the optimizer's 'step' of {} is missing or wrong", where, groups()[group].slots[slot].name);
  }
  own.updates = *updates;
  for (const Kept& each : kept(group)) {
    own.tensors.push_back(read_buffer(buffers, each.name, groups()[group].slots[slot], where));
  }
}

}  // namespace springbok::train
