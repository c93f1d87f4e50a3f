// SGD on ATen's fused kernel.
#include "springbok/train/optim/sgd.h"

#include <ATen/ops/_fused_sgd.h>
#include <ATen/ops/empty_like.h>

#include "springbok/base/error.h"

namespace springbok::train {
namespace {

/// The fused kernel walks memory, not indices.
bool same_layout(const at::Tensor& a, const at::Tensor& b) {
  for (std::int64_t dim = 0; dim < a.dim(); ++dim) {
    if (a.size(dim) != 1 && a.stride(dim) != b.stride(dim)) return false;
  }
  return true;
}

}  // namespace

Sgd::Sgd(const graph::Graph& graph, engine::State& state, const OptimizerSettings& settings,
         std::vector<GradientStep> steps)
    : Sgd(decay_groups(graph, state, settings.weight_decay, settings.norm_decay), settings, std::move(steps)) {}

Sgd::Sgd(std::vector<ParamGroup> params, const OptimizerSettings& settings, std::vector<GradientStep> steps)
    : Optimizer(std::move(params), std::move(steps)), settings_(settings) {
  for (const ParamGroup& group : groups()) momentum_.emplace_back(group.slots.size());
}

void Sgd::update(std::size_t group, double lr) {
  update(group, false, lr);
  if (settings_.momentum != 0) update(group, true, lr);
}

void Sgd::update(std::size_t group, bool first, double lr) {
  std::vector<at::Tensor> values, gradients, buffers;
  const std::vector<Slot>& slots = groups()[group].slots;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const Slot& slot = slots[i];
    if (!slot.value.grad().defined()) continue;
    if (settings_.momentum != 0) {
      at::Tensor& momentum = momentum_[group][i];
      if (momentum.defined() == first) continue;
      if (first) momentum = at::empty_like(slot.value.detach());
      buffers.push_back(momentum);
    }
    check(same_layout(slot.value, slot.value.grad()), "a gradient lies in memory as its parameter does");
    values.push_back(slot.value);
    gradients.push_back(slot.value.grad());
  }
  if (values.empty()) return;
  constexpr bool kMaximize = false;
  at::_fused_sgd_(values, gradients, buffers, groups()[group].weight_decay, settings_.momentum, lr, settings_.dampening,
                  settings_.nesterov, kMaximize, first);
}

tensors::Dict Sgd::buffers(std::size_t group, std::size_t slot) const {
  const at::Tensor& momentum = momentum_[group][slot];
  if (!momentum.defined()) return {};
  return {{"momentum_buffer", {engine::to_plain(momentum)}}};
}

void Sgd::load_buffers(std::size_t group, std::size_t slot, const tensors::Dict& buffers, const std::string& where) {
  momentum_[group][slot] = read_buffer(buffers, "momentum_buffer", groups()[group].slots[slot], where);
}

tensors::Dict Sgd::hyper(std::size_t group, double lr) const {
  return {{"lr", {lr}},
          {"momentum", {settings_.momentum}},
          {"dampening", {settings_.dampening}},
          {"weight_decay", {groups()[group].weight_decay}},
          {"nesterov", {settings_.nesterov}},
          {"maximize", {false}},
          {"foreach", {std::monostate{}}},
          {"differentiable", {false}},
          {"fused", {std::monostate{}}}};
}

}  // namespace springbok::train
