// SGD on ATen's fused kernel.
#include "springbok/train/optim/sgd.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/_fused_sgd.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/stack.h>

#include "springbok/base/error.h"

namespace springbok::train {
namespace {

tensors::Value value(auto item) {
  return tensors::Value{std::move(item)};
}

const tensors::Dict& dict_at(const tensors::Dict& dict, const std::string& key, const std::string& where) {
  const tensors::Value* found = tensors::find(dict, key);
  const auto* inner = found == nullptr ? nullptr : std::get_if<tensors::Dict>(&found->data);
  if (inner == nullptr) fail("{}: the optimizer's '{}' is missing", where, key);
  return *inner;
}

/// The fused kernel walks memory, not indices.
bool same_layout(const at::Tensor& a, const at::Tensor& b) {
  for (std::int64_t dim = 0; dim < a.dim(); ++dim) {
    if (a.size(dim) != 1 && a.stride(dim) != b.stride(dim)) return false;
  }
  return true;
}

}  // namespace

Sgd::Sgd(const graph::Graph& graph, engine::State& state, const SgdSettings& settings)
    : graph_(graph), settings_(settings) {
  if (state.tensors.size() != graph.params().size()) {
    fail("the optimizer's state has {} tensors, its graph {} parameters: it is another graph's", state.tensors.size(),
         graph.params().size());
  }
  Group decayed{settings.weight_decay, {}}, plain{0, {}};
  for (std::size_t i = 0; i < graph.params().size(); ++i) {
    const graph::Param& param = graph.params()[i];
    if (param.buffer || !param.trainable) continue;
    Group& group = param.decay || settings.norm_decay ? decayed : plain;
    group.slots.push_back({i, state.tensors[i], {}});
  }
  groups_.push_back(std::move(decayed));
  if (!plain.slots.empty()) groups_.push_back(std::move(plain));
}

void Sgd::update(Group& group, bool first, double lr) {
  std::vector<at::Tensor> values, gradients, buffers;
  for (Slot& slot : group.slots) {
    if (!slot.value.grad().defined()) continue;
    if (settings_.momentum != 0) {
      if (slot.momentum.defined() == first) continue;
      if (first) slot.momentum = at::empty_like(slot.value.detach());
      buffers.push_back(slot.momentum);
    }
    check(same_layout(slot.value, slot.value.grad()), "a gradient lies in memory as its parameter does");
    values.push_back(slot.value);
    gradients.push_back(slot.value.grad());
  }
  if (values.empty()) return;
  constexpr double kDampening = 0;
  constexpr bool kMaximize = false;
  at::_fused_sgd_(values, gradients, buffers, group.weight_decay, settings_.momentum, lr, kDampening,
                  settings_.nesterov, kMaximize, first);
}

void Sgd::step(double lr) {
  const at::NoGradGuard no_grad;
  for (Group& group : groups_) {
    update(group, false, lr);
    if (settings_.momentum != 0) update(group, true, lr);
  }
}

void Sgd::clear_gradients() {
  for (Group& group : groups_) {
    for (Slot& slot : group.slots) slot.value.mutable_grad().reset();
  }
}

double Sgd::clip(double most) {
  constexpr double kEps = 1e-6;
  std::vector<at::Tensor> gradients;
  for (Group& group : groups_) {
    for (Slot& slot : group.slots) {
      if (slot.value.grad().defined()) gradients.push_back(slot.value.grad());
    }
  }
  if (gradients.empty()) return 0;
  const auto norm = at::linalg_vector_norm(at::stack(at::_foreach_norm(gradients)), 2).item<double>();
  const double scale = most / (norm + kEps);
  if (scale < 1) at::_foreach_mul_(gradients, scale);
  return norm;
}

tensors::Dict Sgd::state_dict(double lr) const {
  tensors::Dict entries;
  tensors::List groups;
  std::int64_t index = 0;
  for (const Group& group : groups_) {
    tensors::List params;
    for (const Slot& slot : group.slots) {
      if (slot.momentum.defined()) {
        entries.emplace_back(tensors::Key::number(index),
                             value(tensors::Dict{{"momentum_buffer", value(engine::to_plain(slot.momentum))}}));
      }
      params.push_back(value(index++));
    }
    groups.push_back(value(tensors::Dict{{"lr", value(lr)},
                                         {"momentum", value(settings_.momentum)},
                                         {"dampening", value(0.0)},
                                         {"weight_decay", value(group.weight_decay)},
                                         {"nesterov", value(settings_.nesterov)},
                                         {"maximize", value(false)},
                                         {"foreach", value(std::monostate{})},
                                         {"differentiable", value(false)},
                                         {"fused", value(std::monostate{})},
                                         {"params", value(std::move(params))}}));
  }
  return {{"state", value(std::move(entries))}, {"param_groups", value(std::move(groups))}};
}

void Sgd::load(const tensors::Dict& dict, const std::string& where) {
  const tensors::Dict& entries = dict_at(dict, "state", where);
  std::int64_t index = 0;
  std::size_t found = 0;
  for (Group& group : groups_) {
    for (Slot& slot : group.slots) {
      const std::string key = format("{}", index++);
      slot.momentum.reset();
      if (tensors::find(entries, key) == nullptr) continue;
      ++found;
      const tensors::Value* buffer = tensors::find(dict_at(entries, key, where), "momentum_buffer");
      const auto* tensor = buffer == nullptr ? nullptr : std::get_if<tensors::Tensor>(&buffer->data);
      if (tensor == nullptr || at::IntArrayRef(tensor->shape) != slot.value.sizes()) {
        fail("{}: the momentum of {} is not of its shape; the checkpoint belongs to another network", where,
             graph_.params()[slot.param].name);
      }
      slot.momentum = at::empty_like(slot.value.detach());
      slot.momentum.copy_(engine::from_plain(*tensor));
    }
  }
  if (found != entries.size()) fail("{}: the optimizer's state has {} entries, {} fit", where, entries.size(), found);
}

}  // namespace springbok::train
