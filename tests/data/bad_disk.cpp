// A disk that fails or is slow, for LD_PRELOAD: SPRINGBOK_BAD_DISK is `fail`, `slow` or `fail-after-N` (reads) and a
// part of the paths that it is about, after a colon.
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

std::atomic<long> reads = 0;

/// Whether the file is one of those.
bool concerns(int fd, const char* part) {
  char link[64], path[4096];
  std::snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
  const ssize_t size = ::readlink(link, path, sizeof(path) - 1);
  if (size < 0) return false;
  path[size] = '\0';
  return std::strstr(path, part) != nullptr;
}

/// False for a read that is to fail.
bool allow(int fd) {
  const char* const what = std::getenv("SPRINGBOK_BAD_DISK");
  const char* const colon = what == nullptr ? nullptr : std::strchr(what, ':');
  if (colon == nullptr || !concerns(fd, colon + 1)) return true;
  constexpr const char* kAfter = "fail-after-";
  if (std::strncmp(what, "slow", 4) == 0) {
    const timespec pause{0, 50'000'000};
    ::nanosleep(&pause, nullptr);
    return true;
  }
  if (std::strncmp(what, kAfter, std::strlen(kAfter)) == 0) return reads++ < std::atol(what + std::strlen(kAfter));
  return false;
}

}  // namespace

// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): the C library's are reserved names
extern "C" {

ssize_t read(int fd, void* room, size_t size) {
  if (allow(fd)) return ::syscall(SYS_read, fd, room, size);
  errno = EIO;
  return -1;
}

ssize_t pread(int fd, void* room, size_t size, off_t at) {
  if (allow(fd)) return ::syscall(SYS_pread64, fd, room, size, at);
  errno = EIO;
  return -1;
}

ssize_t pread64(int fd, void* room, size_t size, off64_t at) {
  return pread(fd, room, size, at);
}
}
// NOLINTEND(readability-inconsistent-declaration-parameter-name)
