// The signal handlers.
#include "springbok/train/signals.h"

#include <atomic>
#include <csignal>

#include "springbok/base/error.h"

namespace springbok::train {
namespace {

std::atomic<int> stop_signal{0};
static_assert(std::atomic<int>::is_always_lock_free);
std::atomic<bool> installed{false};
struct sigaction before_int, before_term;

void on_signal(int signal) {
  int none = 0;
  if (stop_signal.compare_exchange_strong(none, signal)) return;
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

}  // namespace

StopSignal::StopSignal() {
  check(!installed.exchange(true), "one StopSignal at a time");
  stop_signal = 0;
  struct sigaction action = {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, &before_int);
  sigaction(SIGTERM, &action, &before_term);
}

StopSignal::~StopSignal() {
  sigaction(SIGINT, &before_int, nullptr);
  sigaction(SIGTERM, &before_term, nullptr);
  installed = false;
}

int StopSignal::received() const {
  return stop_signal;
}

}  // namespace springbok::train
