// What a run does about a step whose numbers are not finite.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace springbok::recipe {

/// Ends the run; leaves the step's update out; goes back to the last checkpoint.
enum class NanPolicy : std::uint8_t { stop, skip, rollback };
/// Their names, in the order above.
inline const std::vector<std::string> kNanPolicies{"stop", "skip", "rollback"};

struct OnNan {
  NanPolicy policy = NanPolicy::stop;
  std::int64_t limit = 10;  ///< skip, rollback: so often at most in a run
  double lr = 0.5;          ///< rollback: factor on the learning rate from then on, each time
  bool seed = false;        ///< rollback: order, augmentation and dropout are drawn anew from there
};

/// The seed after so many rollbacks that change it.
inline std::uint64_t seed_after(std::uint64_t seed, std::int64_t rollbacks) {
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15;
  return seed ^ (kOdd * static_cast<std::uint64_t>(rollbacks));
}

}  // namespace springbok::recipe
