// Stochastic gradient descent with momentum, Nesterov's form and weight decay: PyTorch's update, fused.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "springbok/recipe/optimizer_settings.h"
#include "springbok/train/optim/optimizer.h"

namespace springbok::train {

using recipe::OptimizerSettings;

/// torch.optim.SGD: its one buffer is `momentum_buffer`.
class Sgd final : public Optimizer {
 public:
  /// The parameters in two groups, decayed ones first (`decay_groups`). The graph and the state must outlive it.
  Sgd(const graph::Graph& graph, engine::State& state, const OptimizerSettings& settings,
      std::vector<GradientStep> steps = {});
  /// The same rule over other groups.
  Sgd(std::vector<ParamGroup> groups, const OptimizerSettings& settings, std::vector<GradientStep> steps = {});
  Sgd(const graph::Graph&&, engine::State&, const OptimizerSettings&,
      std::vector<GradientStep> = {}) = delete;  ///< a temporary would not outlive it

  void set_momentum(double momentum) override { settings_.momentum = momentum; }

 protected:
  void update(std::size_t group, double lr) override;
  tensors::Dict buffers(std::size_t group, std::size_t slot) const override;
  void load_buffers(std::size_t group, std::size_t slot, const tensors::Dict& buffers,
                    const std::string& where) override;
  void reset(std::size_t group, std::size_t slot) override { momentum_[group][slot].reset(); }
  tensors::Dict hyper(std::size_t group, double lr) const override;

 private:
  void update(std::size_t group, bool first, double lr);

  OptimizerSettings settings_;
  std::vector<std::vector<at::Tensor>> momentum_;  ///< by group and slot; undefined until the first update
};

}  // namespace springbok::train
