// Trying again: which failures of a server pass, and how long to wait for it.
#pragma once

#include <curl/curl.h>

#include <stop_token>
#include <string>

#include "springbok/net/http.h"

namespace springbok::http {

/// Counts the failed tries of one request and waits between them, each time twice as long, or as long as the server
/// asks (Retry-After).
class Patience {
 public:
  /// Seconds before the second try.
  explicit Patience(double first_wait = 0.5) : first_wait_(first_wait), wait_(first_wait) {}

  /// True, after a wait, when it is worth another try. That is: the failure is one that passes, there were fewer than
  /// kTries, and the server does not ask for more than kLongestWait. False at once when `stop` is requested.
  bool again(CURLcode code, const Answer& answer, const std::stop_token& stop = {});
  /// Something came: counting begins anew.
  void reset();
  /// How often it was tried, in words to follow what went wrong, and how long the server wants to be left alone.
  std::string words(const Answer& answer) const;

  static constexpr int kTries = 5;
  static constexpr double kLongestWait = 60;

 private:
  double first_wait_, wait_;
  int failed_ = 0;
};

}  // namespace springbok::http
