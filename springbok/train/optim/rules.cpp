// The rules, a class each.
#include "springbok/train/optim/rules.h"

#include <ATen/ops/sign.h>
#include <ATen/ops/sqrt.h>

#include <cmath>

#include "springbok/base/error.h"
#include "springbok/train/optim/by_parameter.h"
#include "springbok/train/optim/muon.h"
#include "springbok/train/optim/sgd.h"

namespace springbok::train {
namespace {

using Kind = recipe::OptimizerKind;

/// m and v, moved by a gradient.
void move_moments(std::vector<at::Tensor>& moments, const at::Tensor& gradient, const OptimizerSettings& settings) {
  moments[0].lerp_(gradient, 1 - settings.beta1);
  moments[1].mul_(settings.beta2).addcmul_(gradient, gradient, 1 - settings.beta2);
}

/// m' / (sqrt(v') + eps).
at::Tensor adam_step(const std::vector<at::Tensor>& moments, std::int64_t updates, const OptimizerSettings& settings) {
  const auto t = static_cast<double>(updates);
  const double first = 1 - std::pow(settings.beta1, t), second = std::sqrt(1 - std::pow(settings.beta2, t));
  return moments[0].div(first).div_(at::sqrt(moments[1]).div_(second).add_(settings.eps));
}

/// Rules with two betas and eps.
class WithBetas : public ByParameter {
 public:
  WithBetas(std::vector<ParamGroup> groups, std::vector<GradientStep> steps, std::vector<Kept> kept,
            const OptimizerSettings& settings)
      : ByParameter(std::move(groups), std::move(steps), std::move(kept)), settings_(settings) {}

  void set_momentum(double momentum) final { settings_.beta1 = momentum; }

 protected:
  tensors::Dict hyper(std::size_t group, double lr) const override {
    return {{"lr", {lr}},
            {"betas", {tensors::List{{settings_.beta1}, {settings_.beta2}}}},
            {"eps", {settings_.eps}},
            {"weight_decay", {groups()[group].weight_decay}}};
  }
  OptimizerSettings settings_;
};

class Adam final : public WithBetas {
 public:
  using WithBetas::WithBetas;

 private:
  void move(at::Tensor& value, at::Tensor& gradient, Own& own, double weight_decay, double lr) override {
    if (settings_.kind == Kind::adamw) value.mul_(1 - lr * weight_decay);
    if (settings_.kind == Kind::adam && weight_decay != 0) gradient.add_(value, weight_decay);
    move_moments(own.tensors, gradient, settings_);
    value.sub_(adam_step(own.tensors, own.updates, settings_), lr);
  }
};

class Lamb final : public WithBetas {
 public:
  using WithBetas::WithBetas;

 private:
  void move(at::Tensor& value, at::Tensor& gradient, Own& own, double weight_decay, double lr) override {
    move_moments(own.tensors, gradient, settings_);
    at::Tensor step = adam_step(own.tensors, own.updates, settings_);
    double trust = 1;
    if (weight_decay != 0) {
      step.add_(value, weight_decay);
      const auto weights = value.norm().item<double>(), length = step.norm().item<double>();
      if (weights > 0 && length > 0) trust = weights / length;
    }
    value.sub_(step, lr * trust);
  }
};

class Lion final : public WithBetas {
 public:
  using WithBetas::WithBetas;

 private:
  void move(at::Tensor& value, at::Tensor& gradient, Own& own, double weight_decay, double lr) override {
    value.mul_(1 - lr * weight_decay);
    value.sub_(at::sign(own.tensors[0].lerp(gradient, 1 - settings_.beta1)), lr);
    own.tensors[0].lerp_(gradient, 1 - settings_.beta2);
  }
};

class RmsProp final : public ByParameter {
 public:
  RmsProp(std::vector<ParamGroup> groups, std::vector<GradientStep> steps, const OptimizerSettings& settings)
      : ByParameter(std::move(groups), std::move(steps),
                    {{"square_avg", settings.kind == Kind::rmsprop_tf ? 1.0 : 0.0}, {"momentum_buffer"}}),
        settings_(settings) {}

  void set_momentum(double momentum) override { settings_.momentum = momentum; }

 private:
  void move(at::Tensor& value, at::Tensor& gradient, Own& own, double weight_decay, double lr) override {
    const bool tensorflow = settings_.kind == Kind::rmsprop_tf;
    if (weight_decay != 0) gradient.add_(value, weight_decay);
    at::Tensor &squares = own.tensors[0], &moving = own.tensors[1];
    squares.mul_(settings_.alpha).addcmul_(gradient, gradient, 1 - settings_.alpha);
    const at::Tensor root = tensorflow ? squares.add(settings_.eps).sqrt_() : at::sqrt(squares).add_(settings_.eps);
    moving.mul_(settings_.momentum).addcdiv_(gradient, root, tensorflow ? lr : 1);
    value.sub_(moving, tensorflow ? 1 : lr);
  }
  tensors::Dict hyper(std::size_t group, double lr) const override {
    return {{"lr", {lr}},
            {"momentum", {settings_.momentum}},
            {"alpha", {settings_.alpha}},
            {"eps", {settings_.eps}},
            {"centered", {false}},
            {"weight_decay", {groups()[group].weight_decay}}};
  }
  OptimizerSettings settings_;
};

}  // namespace

std::unique_ptr<Optimizer> make_optimizer(std::vector<ParamGroup> groups, std::vector<GradientStep> steps,
                                          const OptimizerSettings& settings) {
  const std::vector<Kept> moments{{"exp_avg"}, {"exp_avg_sq"}};
  switch (settings.kind) {
    case Kind::adam:
    case Kind::adamw:
      return std::make_unique<Adam>(std::move(groups), std::move(steps), moments, settings);
    case Kind::rmsprop:
    case Kind::rmsprop_tf:
      return std::make_unique<RmsProp>(std::move(groups), std::move(steps), settings);
    case Kind::lamb:
      return std::make_unique<Lamb>(std::move(groups), std::move(steps), moments, settings);
    case Kind::lion:
      return std::make_unique<Lion>(std::move(groups), std::move(steps), std::vector<Kept>{moments[0]}, settings);
    case Kind::muon:
      return make_muon(std::move(groups), std::move(steps), settings);
    case Kind::sgd:
      return std::make_unique<Sgd>(std::move(groups), settings, std::move(steps));
  }
  fail("no such optimizer");
}

}  // namespace springbok::train
