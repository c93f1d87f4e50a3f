// The lock of a run folder: one run at a time writes there.
#pragma once

#include <filesystem>
#include <string>

namespace springbok::run {

/// Holds RUN/lock, a line that says who: host, process, start. The system frees it when the process ends, however that
/// comes about, also between the hosts of a shared file system. Where a file system knows no locks, the line itself
/// counts: it is taken over only when it names a process of this host that has ended.
class Lock {
 public:
  /// Makes the folder where there is none. Throws Error with who holds it, or why it cannot be written.
  explicit Lock(std::filesystem::path root);
  /// Takes the file away again, and the folder if it was made for this and nothing else came into it.
  ~Lock();
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

  /// Where the folder is now: as it was given, or another place when someone moved it. Throws Error when it is gone.
  std::filesystem::path place() const;

 private:
  bool take();
  void free() noexcept;
  [[noreturn]] void fail_held(const std::string& holder) const;

  std::filesystem::path root_;
  std::filesystem::path seen_;  ///< the folder's full path; "" where the system does not tell
  bool made_ = false;           ///< the folder, by this object
  int folder_ = -1, file_ = -1;
  int process_ = 0;  ///< that took it: a forked child does not free it
};

/// Whether a run holds the folder's lock now. Nothing is taken or changed.
bool is_running(const std::filesystem::path& root);

}  // namespace springbok::run
