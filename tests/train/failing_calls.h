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

/// While one lives, the `nth` rename is done and reported as failed: what NFS may answer to a call that it sent twice.
class LostAnswer {
 public:
  explicit LostAnswer(long nth);
  ~LostAnswer();
  LostAnswer(const LostAnswer&) = delete;
  LostAnswer& operator=(const LostAnswer&) = delete;
  bool came() const;
};

/// While one lives, one bit of the first write of more than 1,000 bytes is not what was given.
class AlteredWrite {
 public:
  AlteredWrite();
  ~AlteredWrite();
  AlteredWrite(const AlteredWrite&) = delete;
  AlteredWrite& operator=(const AlteredWrite&) = delete;
};

/// While one lives, fsync does nothing: quick, and a process that is killed loses nothing by it.
class NoSync {
 public:
  NoSync();
  ~NoSync();
  NoSync(const NoSync&) = delete;
  NoSync& operator=(const NoSync&) = delete;
};

/// While one lives, a write of more than 1,000 bytes waits until `release`, half a minute at most: a slow disk.
class HeldWrites {
 public:
  HeldWrites();
  ~HeldWrites() { release(); }
  HeldWrites(const HeldWrites&) = delete;
  HeldWrites& operator=(const HeldWrites&) = delete;
  static void release();
  static bool waits();  ///< whether a write has come to wait
};

}  // namespace springbok::testing
