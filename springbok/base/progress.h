// Progress of long work: a bar with rate and time left on a terminal, plain lines otherwise.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>

namespace springbok {

/// Reports progress on standard error. On a terminal one line is redrawn (at most ten times a second); otherwise a
/// plain line is printed at most every `plain_seconds`, and one at the end.
class Progress {
 public:
  struct Settings {
    std::string title;
    std::int64_t total = 0;  ///< units of work; 0 when not known
    std::string unit = "img";
    double plain_seconds = 10;
    bool quiet = false;
    std::int64_t first = 0;  ///< units done before this started (a resumed epoch); not counted in the rate
  };
  explicit Progress(Settings settings);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `done` units are finished; `note` stands at the end of the line (`loss 1.23 top1 56.7`). Any thread may call it:
  /// what comes late does not turn it back.
  void update(std::int64_t done, const std::string& note = {});
  /// `update`, for work that tells what is done. This must outlive it.
  std::function<void(std::int64_t)> updates() {
    return [this](std::int64_t done) { update(done); };
  }
  /// Draws the last state and ends the line. Called by the destructor when forgotten.
  void finish(const std::string& note = {});

 private:
  void draw(bool last);
  using Clock = std::chrono::steady_clock;
  Settings settings_;
  bool terminal_;
  std::mutex mutex_;
  bool finished_ = false;
  std::int64_t done_ = 0;
  std::string note_;
  Clock::time_point start_;
  Clock::time_point drawn_;
};

}  // namespace springbok
