// Lookahead: slow weights that fast ones come back to every k steps (Zhang et al. 2019).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "springbok/recipe/optimizer_settings.h"
#include "springbok/tensors/value.h"
#include "springbok/train/optim/param_group.h"

namespace springbok::train {

/// Around any optimizer: after its step, every k steps, slow += alpha (fast - slow) and fast = slow. The rule's buffers
/// stay as they are. Evaluated and saved are the fast weights, as timm and torch-toolbox have it.
class Lookahead {
 public:
  explicit Lookahead(const recipe::LookaheadSettings& settings) : settings_(settings) {}

  /// Before an update: in the paper's form the slow weights begin as the first step finds them.
  void before(const std::vector<ParamGroup>& groups);
  /// After it, with the gradients still there: a parameter without one does not take part.
  void after(const std::vector<ParamGroup>& groups);

  /// A parameter's entry in torch.optim's `state`, none before it has slow weights: timm's name. And back.
  void save(std::size_t group, std::size_t slot, tensors::Dict& buffers) const;
  /// Takes its entry out of the buffers.
  void load(std::size_t group, std::size_t slot, const Slot& param, tensors::Dict& buffers, const std::string& where);
  /// What `param_groups` say of it, under timm's names; and the count back. Throws Error naming `where` where it is
  /// missing.
  void save_group(tensors::Dict& hyper) const;
  void load_group(const tensors::Dict& hyper, const std::string& where);
  /// Counts on from another's steps.
  void count_on(const Lookahead& other) { steps_ = other.steps_; }

 private:
  at::Tensor& slow(std::size_t group, std::size_t slot);

  recipe::LookaheadSettings settings_;
  std::int64_t steps_ = 0;
  std::vector<std::vector<at::Tensor>> slow_;  ///< by group and slot
};

}  // namespace springbok::train
