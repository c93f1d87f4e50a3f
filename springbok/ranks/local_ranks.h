// Several ranks on this machine, as child processes.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace springbok::ranks {

struct LocalRanks {
  int ranks = 1;
  std::vector<std::string> command;                 ///< of each: a program's path, then its arguments
  int threads = 1;                                  ///< OMP_NUM_THREADS of each, unless it is set already
  std::chrono::milliseconds patience{10'000};       ///< for the others to end by themselves when one has failed
  std::chrono::milliseconds last_patience{10'000};  ///< after SIGTERM, before SIGKILL
  int silent_status = 0;                            ///< of a rank that ends because of another one
  /// Takes whole lines: which rank was killed, and how. Nothing where a rank ended by itself: it has said why.
  std::function<void(const std::string&)> say;
};

/// Starts the ranks, with torchrun's variables and a port of their own, and waits for all to end. SIGTERM, SIGINT,
/// SIGHUP and SIGUSR1 that come meanwhile are passed on to each; they end with SIGTERM when this process is killed.
/// When one fails all end, none is started again. Returns 0, or the exit status of the first that failed by itself (128
/// and the number of the signal that killed it). Throws Error where no process can be started. Call it before the
/// process has other threads; the signals are blocked while it runs.
int run_local_ranks(const LocalRanks& settings);

}  // namespace springbok::ranks
