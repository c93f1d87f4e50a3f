// Waiting for servers that are busy.
#include "springbok/net/patience.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace springbok::http {
namespace {

/// Answers of a server that may do better later (RFC 9110 section 15, RFC 6585).
bool is_busy(CURLcode code, const Answer& answer) {
  constexpr std::array<long, 6> kBusy{408, 429, 500, 502, 503, 504};
  return code == CURLE_HTTP_RETURNED_ERROR && std::find(kBusy.begin(), kBusy.end(), answer.status) != kBusy.end();
}

/// False when it was ended by `stop`.
bool wait(double seconds, const std::stop_token& stop) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any never;
  never.wait_for(lock, stop, std::chrono::duration<double>(seconds), [] { return false; });
  return !stop.stop_requested();
}

}  // namespace

bool Patience::again(CURLcode code, const Answer& answer, const std::stop_token& stop) {
  ++failed_;
  const bool busy = is_busy(code, answer);
  const double asked = busy ? answer.retry_after.value_or(0) : 0;
  if ((!busy && !may_pass(code)) || failed_ >= kTries || asked > kLongestWait) return false;
  const double seconds = std::max(wait_, asked);
  wait_ *= 2;
  return wait(seconds, stop);
}

void Patience::reset() {
  failed_ = 0;
  wait_ = first_wait_;
}

std::string Patience::words(const Answer& answer) const {
  const double asked = answer.retry_after.value_or(0);
  if (asked > kLongestWait) return format(", and asks to be left alone for {:.0f} seconds", asked);
  return failed_ > 1 ? format(", {} times", failed_) : "";
}

}  // namespace springbok::http
