// Where the time of loading an image goes. Nothing is measured unless somebody asks.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace springbok::data {

/// `read` also decodes for sources that hand out pixels. `resize` is crop, flip and resize.
enum class Stage : std::uint8_t { read, decode, resize, augment, normalise };

inline constexpr std::array<const char*, 5> kStageNames{"read", "decode", "resize", "augment", "normalise"};

/// Seconds of each stage, of all images so far.
struct StageTimes {
  std::array<double, kStageNames.size()> seconds{};

  double& operator[](Stage stage) { return seconds.at(static_cast<std::size_t>(stage)); }
};

/// A stop watch: `end` adds what passed since the last one to a stage. Free of cost without `times`.
class Laps {
 public:
  explicit Laps(StageTimes* times) : times_(times) {
    if (times_ != nullptr) last_ = Clock::now();
  }
  void end(Stage stage) {
    if (times_ == nullptr) return;
    const Clock::time_point now = Clock::now();
    (*times_)[stage] += std::chrono::duration<double>(now - last_).count();
    last_ = now;
  }

 private:
  using Clock = std::chrono::steady_clock;
  StageTimes* times_;
  Clock::time_point last_;
};

}  // namespace springbok::data
