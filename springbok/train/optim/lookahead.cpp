// The three forms of Lookahead.
#include "springbok/train/optim/lookahead.h"

#include "springbok/base/error.h"
#include "springbok/train/optim/optimizer.h"

namespace springbok::train {
namespace {

using recipe::LookaheadForm;

constexpr const char* kSlow = "lookahead_slow_buff";
constexpr const char* kStep = "lookahead_step";

}  // namespace

at::Tensor& Lookahead::slow(std::size_t group, std::size_t slot) {
  if (slow_.size() <= group) slow_.resize(group + 1);
  if (slow_[group].size() <= slot) slow_[group].resize(slot + 1);
  return slow_[group][slot];
}

void Lookahead::before(const std::vector<ParamGroup>& groups) {
  if (settings_.form != LookaheadForm::paper) return;
  for (std::size_t group = 0; group < groups.size(); ++group) {
    for (std::size_t i = 0; i < groups[group].slots.size(); ++i) {
      at::Tensor& own = slow(group, i);
      if (!own.defined()) own = groups[group].slots[i].value.detach().clone();
    }
  }
}

void Lookahead::after(const std::vector<ParamGroup>& groups) {
  ++steps_;
  const std::int64_t offset = settings_.form == LookaheadForm::toolbox ? 1 : 0;
  if ((steps_ - offset) % settings_.k != 0) return;
  for (std::size_t group = 0; group < groups.size(); ++group) {
    for (std::size_t i = 0; i < groups[group].slots.size(); ++i) {
      const Slot& slot = groups[group].slots[i];
      if (!slot.value.grad().defined()) continue;
      at::Tensor fast = slot.value.detach(), &own = slow(group, i);
      if (!own.defined()) own = fast.clone();
      own.add_(fast.sub(own), settings_.alpha);
      fast.copy_(own);
    }
  }
}

void Lookahead::save(std::size_t group, std::size_t slot, tensors::Dict& buffers) const {
  if (group >= slow_.size() || slot >= slow_[group].size() || !slow_[group][slot].defined()) return;
  buffers.push_back({kSlow, {engine::to_plain(slow_[group][slot])}});
}

void Lookahead::load(std::size_t group, std::size_t slot, const Slot& param, tensors::Dict& buffers,
                     const std::string& where) {
  at::Tensor& own = slow(group, slot);
  own.reset();
  if (tensors::find(buffers, kSlow) == nullptr) return;
  own = read_buffer(buffers, kSlow, param, where);
  std::erase_if(buffers, [](const auto& entry) { return entry.key == kSlow; });
}

void Lookahead::save_group(tensors::Dict& hyper) const {
  hyper.push_back({"lookahead_alpha", {settings_.alpha}});
  hyper.push_back({"lookahead_k", {settings_.k}});
  hyper.push_back({kStep, {steps_}});
}

void Lookahead::load_group(const tensors::Dict& hyper, const std::string& where) {
  const auto* steps = tensors::find_as<std::int64_t>(hyper, kStep);
  if (steps == nullptr || *steps < 0) fail("{}: the optimizer's '{}' is missing or wrong", where, kStep);
  steps_ = *steps;
}

}  // namespace springbok::train
