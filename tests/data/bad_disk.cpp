// A disk that fails or is slow, for LD_PRELOAD. SPRINGBOK_BAD_DISK is `fail`, `slow`, `fail-after-N` (reads) or
// `fail-change-N` (the Nth call that would change something, only that). Behind it, after a colon, stands a part of the
// paths that it is about.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

std::atomic<long> reads = 0, changes = 0;

/// Whether the file is one of those.
bool concerns(int fd, const char* part) {
  char link[64], path[4096];
  std::snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
  const ssize_t size = ::readlink(link, path, sizeof(path) - 1);
  if (size < 0) return false;
  path[size] = '\0';
  return std::strstr(path, part) != nullptr;
}

const char* told() {
  const char* const what = std::getenv("SPRINGBOK_BAD_DISK");
  return what == nullptr ? "" : what;
}

/// Counts a change that concerns those paths; false, and an error of its own, for the one that is to fail.
bool allow_change(bool concerned) {
  constexpr const char* kChange = "fail-change-";
  if (!concerned || std::strncmp(told(), kChange, std::strlen(kChange)) != 0) return true;
  if (++changes != std::atol(told() + std::strlen(kChange))) return true;
  errno = EIO;
  return false;
}

bool concerns_path(const char* path) {
  const char* const colon = std::strchr(told(), ':');
  return colon != nullptr && std::strstr(path, colon + 1) != nullptr;
}

bool concerns_file(int fd) {
  const char* const colon = std::strchr(told(), ':');
  return colon != nullptr && concerns(fd, colon + 1);
}

/// The C library's own function of the name.
template <class Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

/// False for a read that is to fail.
bool allow(int fd) {
  const char* const what = told();
  const char* const colon = std::strchr(what, ':');
  if (colon == nullptr || std::strncmp(what, "fail-change-", 12) == 0 || !concerns(fd, colon + 1)) return true;
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

ssize_t write(int fd, const void* bytes, size_t size) {
  return allow_change(concerns_file(fd)) ? ::syscall(SYS_write, fd, bytes, size) : -1;
}

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) {
  return allow_change(concerns_file(fd)) ? ::syscall(SYS_pwrite64, fd, bytes, size, at) : -1;
}

ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t at) {
  return pwrite(fd, bytes, size, at);
}

int ftruncate(int fd, off_t size) {
  return allow_change(concerns_file(fd)) ? static_cast<int>(::syscall(SYS_ftruncate, fd, size)) : -1;
}

int ftruncate64(int fd, off64_t size) {
  return ftruncate(fd, size);
}

int fsync(int fd) {
  return allow_change(concerns_file(fd)) ? static_cast<int>(::syscall(SYS_fsync, fd)) : -1;
}

int flock(int fd, int operation) {
  return allow_change(concerns_file(fd)) ? static_cast<int>(::syscall(SYS_flock, fd, operation)) : -1;
}

int rename(const char* from, const char* to) {
  return allow_change(concerns_path(from)) ? real<int(const char*, const char*)>("rename")(from, to) : -1;
}

int unlink(const char* path) {
  return allow_change(concerns_path(path)) ? real<int(const char*)>("unlink")(path) : -1;
}

int mkdir(const char* path, mode_t mode) {
  return allow_change(concerns_path(path)) ? real<int(const char*, mode_t)>("mkdir")(path, mode) : -1;
}

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return allow_change(concerns_path(path)) ? real<int(const char*, int, ...)>("open")(path, flags, mode) : -1;
}
}
// NOLINTEND(readability-inconsistent-declaration-parameter-name)
