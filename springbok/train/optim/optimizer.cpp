// What all optimizers share.
#include "springbok/train/optim/optimizer.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty_like.h>

#include <map>

#include "springbok/base/error.h"

namespace springbok::train {
namespace {

const tensors::Dict& dict_at(const tensors::Dict& dict, const std::string& key, const std::string& where) {
  const auto* inner = tensors::find_as<tensors::Dict>(dict, key);
  if (inner == nullptr) fail("{}: the optimizer's '{}' is missing", where, key);
  return *inner;
}

const tensors::Dict& first_group(const tensors::Dict& dict, const std::string& where) {
  const auto* groups = tensors::find_as<tensors::List>(dict, "param_groups");
  const auto* first =
      groups == nullptr || groups->empty() ? nullptr : std::get_if<tensors::Dict>(&groups->front().data);
  if (first == nullptr) fail("{}: the optimizer's 'param_groups' is missing", where);
  return *first;
}

}  // namespace

std::optional<double> Optimizer::prepare() {
  const at::NoGradGuard no_grad;
  std::optional<double> norm;
  for (const GradientStep& step : steps_) {
    if (const std::optional<double> measured = step(groups_)) norm = measured;
  }
  return norm;
}

void Optimizer::step(double lr) {
  const at::NoGradGuard no_grad;
  if (lookahead_) lookahead_->before(groups_);
  for (std::size_t i = 0; i < groups_.size(); ++i) update(i, lr * groups_[i].lr_scale);
  if (lookahead_) lookahead_->after(groups_);
}

void Optimizer::clear_gradients() {
  for (ParamGroup& group : groups_) {
    for (Slot& slot : group.slots) slot.value.mutable_grad().reset();
  }
}

tensors::Dict Optimizer::state_dict(double lr) const {
  tensors::Dict entries;
  tensors::List list;
  std::int64_t index = 0;
  for (std::size_t group = 0; group < groups_.size(); ++group) {
    tensors::List params;
    for (std::size_t slot = 0; slot < groups_[group].slots.size(); ++slot) {
      tensors::Dict own = buffers(group, slot);
      if (lookahead_) lookahead_->save(group, slot, own);
      if (!own.empty()) entries.emplace_back(tensors::Key::number(index), tensors::Value{std::move(own)});
      params.push_back({index++});
    }
    tensors::Dict entry = hyper(group, lr * groups_[group].lr_scale);
    if (lookahead_) lookahead_->save_group(entry);
    entry.emplace_back("params", tensors::Value{std::move(params)});
    list.push_back({std::move(entry)});
  }
  return {{"state", {std::move(entries)}}, {"param_groups", {std::move(list)}}};
}

void Optimizer::load(const tensors::Dict& dict, const std::string& where) {
  const tensors::Dict& entries = dict_at(dict, "state", where);
  std::int64_t index = 0;
  std::size_t found = 0;
  for (std::size_t group = 0; group < groups_.size(); ++group) {
    for (std::size_t slot = 0; slot < groups_[group].slots.size(); ++slot) {
      const std::string key = format("{}", index++);
      reset(group, slot);
      if (tensors::find(entries, key) == nullptr) continue;
      ++found;
      tensors::Dict own = dict_at(entries, key, where);
      if (lookahead_) lookahead_->load(group, slot, groups_[group].slots[slot], own, where);
      if (!own.empty()) load_buffers(group, slot, own, where);
    }
  }
  if (lookahead_) lookahead_->load_group(first_group(dict, where), where);
  if (found != entries.size()) fail("{}: the optimizer's state has {} entries, {} fit", where, entries.size(), found);
}

void Optimizer::take_over(const Optimizer& other) {
  std::map<graph::ParamId, tensors::Dict> kept;
  for (std::size_t group = 0; group < other.groups_.size(); ++group) {
    for (std::size_t slot = 0; slot < other.groups_[group].slots.size(); ++slot) {
      tensors::Dict& own = kept[other.groups_[group].slots[slot].param] = other.buffers(group, slot);
      if (lookahead_ && other.lookahead_) other.lookahead_->save(group, slot, own);
    }
  }
  for (std::size_t group = 0; group < groups_.size(); ++group) {
    for (std::size_t slot = 0; slot < groups_[group].slots.size(); ++slot) {
      reset(group, slot);
      const auto at = kept.find(groups_[group].slots[slot].param);
      if (at == kept.end()) continue;
      tensors::Dict& own = at->second;
      if (lookahead_) lookahead_->load(group, slot, groups_[group].slots[slot], own, "the optimizer");
      if (!own.empty() && keeps(group, own)) load_buffers(group, slot, own, "the optimizer");
    }
  }
  if (lookahead_ && other.lookahead_) lookahead_->count_on(*other.lookahead_);
}

at::Tensor read_buffer(const tensors::Dict& buffers, const std::string& key, const Slot& slot,
                       const std::string& where) {
  const auto* tensor = tensors::find_as<tensors::Tensor>(buffers, key);
  if (tensor == nullptr || at::IntArrayRef(tensor->shape) != slot.value.sizes()) {
    fail("{}: the {} of {} is not of its shape; the checkpoint belongs to another network", where,
         key == "momentum_buffer" ? "momentum" : key, slot.name);
  }
  at::Tensor buffer = at::empty_like(slot.value.detach());
  buffer.copy_(engine::from_plain(*tensor));
  return buffer;
}

}  // namespace springbok::train
