// The rule of loss scaling.
#include "springbok/train/optim/loss_scaler.h"

#include "springbok/base/error.h"

namespace springbok::train {
namespace {

template <class T>
T entry(const tensors::Dict& dict, const char* key, const std::string& where) {
  const T* value = tensors::find_as<T>(dict, key);
  if (value == nullptr || *value < 0) fail("{}: the loss scaler's '{}' is missing or wrong", where, key);
  return *value;
}

}  // namespace

bool LossScaler::update(bool gradients_finite) {
  if (!gradients_finite) {
    scale_ *= backoff_factor_;
    good_steps_ = 0;
    return false;
  }
  if (++good_steps_ == growth_interval_) {
    scale_ *= growth_factor_;
    good_steps_ = 0;
  }
  return true;
}

tensors::Dict LossScaler::save() const {
  return {{"scale", {scale_}},
          {"growth_factor", {growth_factor_}},
          {"backoff_factor", {backoff_factor_}},
          {"growth_interval", {growth_interval_}},
          {"_growth_tracker", {good_steps_}}};
}

void LossScaler::load(const tensors::Dict& dict, const std::string& where) {
  scale_ = entry<double>(dict, "scale", where);
  growth_factor_ = entry<double>(dict, "growth_factor", where);
  backoff_factor_ = entry<double>(dict, "backoff_factor", where);
  growth_interval_ = entry<std::int64_t>(dict, "growth_interval", where);
  good_steps_ = entry<std::int64_t>(dict, "_growth_tracker", where);
}

}  // namespace springbok::train
