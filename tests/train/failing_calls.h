// Makes the N-th of this program's calls that change or open files fail: what a disk, a limit or a network may do.
#pragma once

namespace springbok::testing {

/// While one lives, the `nth` (from 1) of these calls fails with `error`, in any thread. They are open, openat,
/// opendir, fopen, write, pwrite, fsync, ftruncate, close, rename, remove, unlink, unlinkat, mkdir, rmdir. In other
/// programs, as a library for LD_PRELOAD: SPRINGBOK_FAILING_CALL=NTH fails with EIO.
class FailingCall {
 public:
  FailingCall(long nth, int error);
  ~FailingCall();
  FailingCall(const FailingCall&) = delete;
  FailingCall& operator=(const FailingCall&) = delete;
  bool came() const;  ///< so many calls were made
};

}  // namespace springbok::testing
