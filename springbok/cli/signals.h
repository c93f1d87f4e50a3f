// Signals as requests: SIGINT, SIGTERM and SIGHUP to stop after the present step, SIGUSR1 to save a checkpoint.
#pragma once

#include <string>

namespace springbok::cli {

/// While one lives, the first signal to stop only sets a mark, the next acts as if nobody listened. A SIGHUP that is
/// ignored (nohup) stays so. SIGUSR1 asks for a checkpoint. In a job of Slurm (`SLURM_JOB_ID` is set) it stops the run
/// as SIGTERM does, which is what `--signal=USR1@120` sends before the time ends. One at a time.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  /// The number of the signal to stop, or 0 while none has come.
  int received() const;
  /// Whether a checkpoint was asked for since the last call.
  bool takes_save();
};

/// `SIGINT`, `SIGTERM`, `SIGHUP`, `SIGUSR1`.
const char* signal_name(int signal);
/// The reverse; 0 for another text.
int signal_number(const std::string& name);

}  // namespace springbok::cli
