// The signal handlers.
#include "springbok/cli/signals.h"

#include <atomic>
#include <csignal>
#include <cstdlib>

#include "springbok/base/error.h"

namespace springbok::cli {
namespace {

std::atomic<int> stop_signal{0};
static_assert(std::atomic<int>::is_always_lock_free);
std::atomic<bool> installed{false};
std::atomic<bool> save_asked{false};
static_assert(std::atomic<bool>::is_always_lock_free);
bool in_slurm = false;

struct Heard {
  int signal;
  const char* name;
  struct sigaction before;
};
Heard heard[] = {{SIGINT, "SIGINT", {}}, {SIGTERM, "SIGTERM", {}}, {SIGHUP, "SIGHUP", {}}, {SIGUSR1, "SIGUSR1", {}}};

void on_signal(int signal) {
  if (signal == SIGUSR1 && !in_slurm) {
    save_asked = true;
    return;
  }
  int none = 0;
  if (stop_signal.compare_exchange_strong(none, signal) || signal == SIGUSR1) return;
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

}  // namespace

StopSignal::StopSignal() {
  check(!installed.exchange(true), "one StopSignal at a time");
  stop_signal = 0;
  save_asked = false;
  in_slurm = std::getenv("SLURM_JOB_ID") != nullptr;
  struct sigaction action = {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  for (Heard& one : heard) {
    sigaction(one.signal, &action, &one.before);
    if (one.signal == SIGHUP && one.before.sa_handler == SIG_IGN) sigaction(SIGHUP, &one.before, nullptr);
  }
}

StopSignal::~StopSignal() {
  for (const Heard& one : heard) sigaction(one.signal, &one.before, nullptr);
  installed = false;
}

int StopSignal::received() const {
  return stop_signal;
}

bool StopSignal::takes_save() {
  return save_asked.exchange(false);
}

int signal_number(const std::string& name) {
  for (const Heard& one : heard) {
    if (name == one.name) return one.signal;
  }
  return 0;
}

const char* signal_name(int signal) {
  for (const Heard& one : heard) {
    if (one.signal == signal) return one.name;
  }
  return "a signal";
}

}  // namespace springbok::cli
