// The rule of loss scaling.
#include "springbok/train/optim/loss_scaler.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/_amp_foreach_non_finite_check_and_unscale.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>

#include <cmath>

#include "springbok/base/error.h"

namespace springbok::train {
namespace {

/// Scales below this one shrink what float16 holds to nothing.
constexpr float kLeast = 1.0F / (1 << 14);

template <class T>
T entry(const tensors::Dict& dict, const char* key, const std::string& where) {
  const T* value = tensors::find_as<T>(dict, key);
  if (value == nullptr || *value < 0) fail("{}: the loss scaler's '{}' is missing or wrong", where, key);
  return *value;
}

}  // namespace

bool LossScaler::unscale(const std::vector<at::Tensor>& gradients) const {
  if (gradients.empty()) return true;
  const at::NoGradGuard no_grad;
  const auto options = gradients.front().options().dtype(at::kFloat);
  const auto inverse = settings_.kept ? 1.0F : static_cast<float>(1 / static_cast<double>(scale_));
  at::Tensor found = at::zeros({1}, options);
  at::_amp_foreach_non_finite_check_and_unscale_(gradients, found, at::full({}, inverse, options));
  return found.item<float>() == 0;
}

bool LossScaler::update(bool gradients_finite) {
  if (!gradients_finite) {
    scale_ = static_cast<float>(scale_ * settings_.backoff);
    good_steps_ = 0;
    ++skipped_;
    return false;
  }
  if (++good_steps_ == settings_.interval) {
    const auto grown = static_cast<float>(scale_ * settings_.growth);
    if (std::isfinite(grown)) scale_ = grown;
    good_steps_ = 0;
  }
  return true;
}

bool LossScaler::exhausted() const {
  return settings_.backoff < 1 && scale_ < kLeast;
}

tensors::Dict LossScaler::save() const {
  return {{"scale", {static_cast<double>(scale_)}}, {"growth_factor", {settings_.growth}},
          {"backoff_factor", {settings_.backoff}},  {"growth_interval", {settings_.interval}},
          {"_growth_tracker", {good_steps_}},       {"skipped", {skipped_}}};
}

void LossScaler::load(const tensors::Dict& dict, const std::string& where) {
  scale_ = static_cast<float>(entry<double>(dict, "scale", where));
  settings_.growth = entry<double>(dict, "growth_factor", where);
  settings_.backoff = entry<double>(dict, "backoff_factor", where);
  settings_.interval = entry<std::int64_t>(dict, "growth_interval", where);
  good_steps_ = entry<std::int64_t>(dict, "_growth_tracker", where);
  skipped_ = tensors::find(dict, "skipped") == nullptr ? 0 : entry<std::int64_t>(dict, "skipped", where);
}

}  // namespace springbok::train
