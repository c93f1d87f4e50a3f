// Optimizers that keep some tensors for each parameter and move one parameter at a time.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "springbok/train/optim/optimizer.h"

namespace springbok::train {

/// What is kept of a parameter, under PyTorch's name.
struct Kept {
  std::string name;  ///< `exp_avg`
  double first = 0;  ///< every value before the first update
};

/// A rule says what it keeps and how it moves a parameter; saving and loading follow. The number of updates is kept
/// beside, as `step`.
class ByParameter : public Optimizer {
 public:
  ByParameter(std::vector<ParamGroup> groups, std::vector<GradientStep> steps, std::vector<Kept> kept);

 protected:
  /// One parameter's tensors, in the order of `kept`, and how many updates it has had, this one counted.
  struct Own {
    std::vector<at::Tensor> tensors;
    std::int64_t updates = 0;
  };
  /// Moves `value` by `gradient`, which it may change.
  virtual void move(at::Tensor& value, at::Tensor& gradient, Own& own, double weight_decay, double lr) = 0;
  /// For rules that treat groups differently: what is kept in one, and the move.
  virtual const std::vector<Kept>& kept(std::size_t /*group*/) const { return kept_; }
  virtual void move_in(std::size_t group, at::Tensor& value, at::Tensor& gradient, Own& own, double lr) {
    move(value, gradient, own, groups()[group].weight_decay, lr);
  }

  void update(std::size_t group, double lr) final;
  tensors::Dict buffers(std::size_t group, std::size_t slot) const final;
  void load_buffers(std::size_t group, std::size_t slot, const tensors::Dict& buffers, const std::string& where) final;
  bool keeps(std::size_t group, const tensors::Dict& buffers) const final;
  void reset(std::size_t group, std::size_t slot) final { own_[group][slot] = {}; }

 private:
  std::vector<Kept> kept_;
  std::vector<std::vector<Own>> own_;  ///< by group and slot
};

}  // namespace springbok::train
