// An optimizer: parameter groups, steps on their gradients in order, and a rule that moves them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "springbok/tensors/value.h"
#include "springbok/train/optim/gradient_step.h"
#include "springbok/train/optim/lookahead.h"
#include "springbok/train/optim/param_group.h"

namespace springbok::train {

/// It holds its own state; the parameters stay those of the `engine::State` that the groups name.
class Optimizer {
 public:
  Optimizer(std::vector<ParamGroup> groups, std::vector<GradientStep> steps)
      : groups_(std::move(groups)), steps_(std::move(steps)) {}
  virtual ~Optimizer() = default;
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;

  /// Runs the gradient steps in order. Returns the last norm that one of them measured.
  std::optional<double> prepare();
  /// Moves the parameters by the gradients that are there; one without a gradient stays as it is, as in PyTorch.
  void step(double lr);
  /// Momentum from here on, or beta1 of rules that have one: a schedule's.
  virtual void set_momentum(double momentum) = 0;
  void clear_gradients();
  /// Puts slow weights around the rule; before the first step.
  void look_ahead(const recipe::LookaheadSettings& settings) { lookahead_.emplace(settings); }

  /// As torch.optim's state_dict(): `state` (index -> buffers) and `param_groups`; indices count the groups' parameters
  /// in order. No copy.
  tensors::Dict state_dict(double lr) const;
  /// The reverse. Throws Error naming `where` for what does not fit the parameters.
  void load(const tensors::Dict& dict, const std::string& where);
  /// Takes over what another of the same kind keeps of each parameter. Its groups may be others. A parameter that
  /// another rule moves now (Muon's matrices and the rest) begins anew.
  void take_over(const Optimizer& other);

  const std::vector<ParamGroup>& groups() const { return groups_; }

 protected:
  /// Moves one group.
  virtual void update(std::size_t group, double lr) = 0;
  /// The buffers of a parameter under PyTorch's names; empty before its first update.
  virtual tensors::Dict buffers(std::size_t group, std::size_t slot) const = 0;
  virtual void load_buffers(std::size_t group, std::size_t slot, const tensors::Dict& buffers,
                            const std::string& where) = 0;
  /// Whether buffers of another one's are those that this group's rule keeps.
  virtual bool keeps(std::size_t /*group*/, const tensors::Dict& /*buffers*/) const { return true; }
  /// Forgets a parameter's buffers.
  virtual void reset(std::size_t group, std::size_t slot) = 0;
  /// What PyTorch's `param_groups` say of a group, but for `params`.
  virtual tensors::Dict hyper(std::size_t group, double lr) const = 0;

 private:
  std::vector<ParamGroup> groups_;
  std::vector<GradientStep> steps_;
  std::optional<Lookahead> lookahead_;
};

/// A buffer of a parameter's shape and layout, filled from a file's tensor. Throws Error naming `where` for another
/// shape.
at::Tensor read_buffer(const tensors::Dict& buffers, const std::string& key, const Slot& slot,
                       const std::string& where);

}  // namespace springbok::train
