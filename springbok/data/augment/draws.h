// Where augmentation takes its random answers from: a stream, or a list of answers that another program drew.
#pragma once

#include <cstdint>

#include "springbok/base/rng.h"

namespace springbok::data {

/// Answers of another program, to compare what is made of them.
class Answers {
 public:
  Answers() = default;
  Answers(const Answers&) = delete;
  Answers& operator=(const Answers&) = delete;
  virtual ~Answers() = default;
  virtual double unit() = 0;                             ///< in [0, 1)
  virtual double between(double low, double high) = 0;   ///< in [low, high]
  virtual std::uint64_t below(std::uint64_t bound) = 0;  ///< a whole number in [0, bound)
  virtual double normal() = 0;
};

/// One source of random numbers, by reference: cheap to copy, and gone with what it was made of.
class Draws {
 public:
  Draws(Rng& rng) : rng_(&rng) {}  // NOLINT(google-explicit-constructor)
  explicit Draws(Answers& answers) : answers_(&answers) {}

  double uniform() { return rng_ != nullptr ? rng_->uniform() : answers_->unit(); }
  double uniform(double low, double high) {
    return rng_ != nullptr ? rng_->uniform(low, high) : answers_->between(low, high);
  }
  std::uint64_t below(std::uint64_t bound) { return rng_ != nullptr ? rng_->below(bound) : answers_->below(bound); }
  double normal() { return rng_ != nullptr ? rng_->normal() : answers_->normal(); }
  /// Uniform in [low, high] in single precision, as torch.Tensor.uniform_ draws it.
  float uniform_float(float low, float high) {
    if (rng_ == nullptr) return static_cast<float>(answers_->between(low, high));
    const float unit = static_cast<float>(rng_->next_u32() >> 8) * 0x1.0p-24F;
    return unit * (high - low) + low;
  }

 private:
  Rng* rng_ = nullptr;
  Answers* answers_ = nullptr;
};

}  // namespace springbok::data
