// Muon for matrices, AdamW or SGD for the rest.
#include "springbok/train/optim/muon.h"

#include <ATen/ops/addmm.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/sqrt.h>

#include <algorithm>
#include <cmath>

#include "springbok/train/optim/by_parameter.h"

namespace springbok::train {
namespace {

using recipe::MuonRest;
using recipe::MuonScale;
using recipe::OptimizerSettings;

constexpr double kA = 3.4445, kB = -4.775, kC = 2.0315;
constexpr double kLeastNorm = 1e-7;

class Muon final : public ByParameter {
 public:
  Muon(std::vector<ParamGroup> groups, std::vector<GradientStep> steps, const OptimizerSettings& settings)
      : ByParameter(std::move(groups), std::move(steps), {{"momentum_buffer"}}), settings_(settings) {}

  /// Of the matrices, and of what moves the rest.
  void set_momentum(double momentum) override { settings_.momentum = settings_.beta1 = momentum; }

 private:
  const std::vector<Kept>& kept(std::size_t group) const override {
    return groups()[group].matrices || settings_.muon.rest == MuonRest::sgd ? momentum_ : moments_;
  }
  void move_in(std::size_t group, at::Tensor& value, at::Tensor& gradient, Own& own, double lr) override {
    const double decay = groups()[group].weight_decay;
    if (groups()[group].matrices) return move(value, gradient, own, decay, lr);
    if (settings_.muon.rest == MuonRest::sgd) return move_sgd(value, gradient, own, decay, lr);
    move_adamw(value, gradient, own, decay, lr);
  }
  void move(at::Tensor& value, at::Tensor& gradient, Own& own, double decay, double lr) override;
  void move_sgd(at::Tensor& value, at::Tensor& gradient, Own& own, double decay, double lr) const;
  void move_adamw(at::Tensor& value, at::Tensor& gradient, Own& own, double decay, double lr) const;
  double scale(double rows, double columns) const;
  tensors::Dict hyper(std::size_t group, double lr) const override;

  OptimizerSettings settings_;
  std::vector<Kept> momentum_{{"momentum_buffer"}}, moments_{{"exp_avg"}, {"exp_avg_sq"}};
};

double Muon::scale(double rows, double columns) const {
  constexpr double kRmsOfAdamW = 0.2;
  switch (settings_.muon.scale) {
    case MuonScale::original:
      return std::sqrt(std::max(1.0, rows / columns));
    case MuonScale::match_rms_adamw:
      return kRmsOfAdamW * std::sqrt(std::max(rows, columns));
    case MuonScale::none:
      break;
  }
  return 1;
}

void Muon::move(at::Tensor& value, at::Tensor& gradient, Own& own, double decay, double lr) {
  at::Tensor& momentum = own.tensors[0];
  momentum.lerp_(gradient, 1 - settings_.momentum);
  const std::int64_t rows = value.size(0);
  const at::Tensor matrix = gradient.lerp(momentum, settings_.momentum).reshape({rows, -1});
  const at::Tensor step = orthogonal(matrix, settings_.muon.steps).reshape(value.sizes());
  if (settings_.muon.unit_norm) {
    const auto norm = at::linalg_vector_norm(value, 2).item<double>();
    if (norm > 0) value.mul_(std::sqrt(static_cast<double>(rows)) / norm);
  }
  value.mul_(1 - lr * decay);
  value.sub_(step, lr * scale(static_cast<double>(rows), static_cast<double>(matrix.size(1))));
}

void Muon::move_sgd(at::Tensor& value, at::Tensor& gradient, Own& own, double decay, double lr) const {
  if (decay != 0) gradient.add_(value, decay);
  at::Tensor& momentum = own.tensors[0];
  momentum.mul_(settings_.momentum).add_(gradient);
  value.sub_(gradient.add(momentum, settings_.momentum), lr);
}

void Muon::move_adamw(at::Tensor& value, at::Tensor& gradient, Own& own, double decay, double lr) const {
  value.mul_(1 - lr * decay);
  own.tensors[0].lerp_(gradient, 1 - settings_.beta1);
  own.tensors[1].mul_(settings_.beta2).addcmul_(gradient, gradient, 1 - settings_.beta2);
  const auto t = static_cast<double>(own.updates);
  const double first = 1 - std::pow(settings_.beta1, t), second = std::sqrt(1 - std::pow(settings_.beta2, t));
  value.sub_(own.tensors[0].div(first).div_(at::sqrt(own.tensors[1]).div_(second).add_(settings_.eps)), lr);
}

tensors::Dict Muon::hyper(std::size_t group, double lr) const {
  const double decay = groups()[group].weight_decay;
  if (groups()[group].matrices) {
    const std::string& scale = recipe::muon_scales()[static_cast<std::size_t>(settings_.muon.scale)];
    return {{"lr", {lr}},
            {"weight_decay", {decay}},
            {"momentum", {settings_.momentum}},
            {"nesterov", {true}},
            {"ns_coefficients", {tensors::List{{kA}, {kB}, {kC}}}},
            {"eps", {kLeastNorm}},
            {"ns_steps", {settings_.muon.steps}},
            {"adjust_lr_fn", {scale}}};
  }
  if (settings_.muon.rest == MuonRest::sgd) {
    return {{"lr", {lr}}, {"weight_decay", {decay}}, {"momentum", {settings_.momentum}}, {"nesterov", {true}}};
  }
  return {{"lr", {lr}},
          {"weight_decay", {decay}},
          {"betas", {tensors::List{{settings_.beta1}, {settings_.beta2}}}},
          {"eps", {settings_.eps}}};
}

}  // namespace

at::Tensor orthogonal(const at::Tensor& matrix, std::int64_t steps) {
  const bool tall = matrix.size(0) > matrix.size(1);
  at::Tensor x = (tall ? matrix.t() : matrix).contiguous();
  x = x.div(at::linalg_vector_norm(x, 2).clamp_min(kLeastNorm));
  for (std::int64_t i = 0; i < steps; ++i) {
    const at::Tensor gram = at::mm(x, x.t());
    x = at::addmm(x, at::addmm(gram, gram, gram, kB, kC), x, kA, 1);
  }
  return tall ? x.t() : x;
}

std::unique_ptr<Optimizer> make_muon(std::vector<ParamGroup> groups, std::vector<GradientStep> steps,
                                     const OptimizerSettings& settings) {
  return std::make_unique<Muon>(std::move(groups), std::move(steps), settings);
}

}  // namespace springbok::train
