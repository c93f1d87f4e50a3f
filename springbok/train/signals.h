// SIGINT and SIGTERM as a request to stop after the present step; a second one kills.
#pragma once

namespace springbok::train {

/// While one lives, the first SIGINT or SIGTERM only sets a mark, the next acts as if nobody listened. One at a time.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  /// SIGINT, SIGTERM, or 0 while none has come.
  int received() const;
};

}  // namespace springbok::train
