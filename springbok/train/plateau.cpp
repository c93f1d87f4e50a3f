// Counting epochs without a better goal.
#include "springbok/train/plateau.h"

#include <algorithm>

#include "springbok/base/error.h"

namespace springbok::train {

bool Plateau::is_better(double goal) const {
  if (!best_) return true;
  return higher_ ? goal > *best_ * (1 + settings_.threshold) : goal < *best_ * (1 - settings_.threshold);
}

double Plateau::rate(double scheduled) const {
  return scale_ == 1 ? scheduled : std::max(scheduled * scale_, settings_.least_lr);
}

void Plateau::step(double goal, double scheduled) {
  constexpr double kLeastChange = 1e-8;
  ++bad_epochs_;
  if (is_better(goal)) {
    best_ = goal;
    bad_epochs_ = 0;
  }
  if (cooldown_ > 0) {
    --cooldown_;
    bad_epochs_ = 0;
  }
  if (bad_epochs_ <= settings_.patience) return;
  const double before = rate(scheduled), lower = std::max(before * settings_.factor, settings_.least_lr);
  if (before - lower > kLeastChange) scale_ = lower / scheduled;
  cooldown_ = settings_.cooldown;
  bad_epochs_ = 0;
}

tensors::Dict Plateau::save() const {
  tensors::Dict dict{{"scale", {scale_}}, {"num_bad_epochs", {bad_epochs_}}, {"cooldown_counter", {cooldown_}}};
  if (best_) dict.push_back({"best", {*best_}});
  return dict;
}

void Plateau::load(const tensors::Dict& dict, const std::string& where) {
  const auto* scale = tensors::find_as<double>(dict, "scale");
  const auto* bad = tensors::find_as<std::int64_t>(dict, "num_bad_epochs");
  const auto* cooldown = tensors::find_as<std::int64_t>(dict, "cooldown_counter");
  if (scale == nullptr || bad == nullptr || cooldown == nullptr) fail("{}: the plateau's state is damaged", where);
  scale_ = *scale;
  bad_epochs_ = *bad;
  cooldown_ = *cooldown;
  best_.reset();
  if (const auto* best = tensors::find_as<double>(dict, "best")) best_ = *best;
}

}  // namespace springbok::train
