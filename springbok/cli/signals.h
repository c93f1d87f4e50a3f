// SIGINT, SIGTERM and SIGHUP as a request to stop after the present step; a second one kills.
#pragma once

namespace springbok::cli {

/// While one lives, the first of these signals only sets a mark, the next acts as if nobody listened. A SIGHUP that is
/// ignored (nohup) stays so. One at a time.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  /// The signal's number, or 0 while none has come.
  int received() const;
};

/// `SIGINT`, `SIGTERM`, `SIGHUP`.
const char* signal_name(int signal);

}  // namespace springbok::cli
