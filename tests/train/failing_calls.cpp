// The C library's calls on files, each counted and one of them failed.
#include "tests/train/failing_calls.h"

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdlib>

namespace {

std::atomic<long> left = 0;  ///< calls until the one that fails; below 0: it came; 0: none is to fail
std::atomic<int> reason = EIO;

/// Whether this call is the one.
bool fails() {
  long now = left;
  while (now > 0 && !left.compare_exchange_weak(now, now == 1 ? -1 : now - 1)) {
  }
  if (now != 1) return false;
  errno = reason;
  return true;
}

[[maybe_unused]] const bool kFromEnvironment = [] {
  const char* const nth = std::getenv("SPRINGBOK_FAILING_CALL");
  if (nth != nullptr) left = std::atol(nth);
  return true;
}();

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

namespace springbok::testing {

FailingCall::FailingCall(long nth, int error) {
  reason = error;
  left = nth;
}

FailingCall::~FailingCall() {
  left = 0;
}

bool FailingCall::came() const {
  return left < 0;
}

}  // namespace springbok::testing

// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name,cert-dcl50-cpp): the C library's own declarations
extern "C" {

int openat(int folder, const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const int mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, int) : 0;
  va_end(rest);
  return fails() ? -1 : static_cast<int>(::syscall(SYS_openat, folder, path, flags, mode));
}

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const int mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, int) : 0;
  va_end(rest);
  return fails() ? -1 : static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, flags, mode));
}

DIR* opendir(const char* path) {
  return fails() ? nullptr : next<DIR* (*)(const char*)>("opendir")(path);
}

FILE* fopen(const char* path, const char* mode) {
  return fails() ? nullptr : next<FILE* (*)(const char*, const char*)>("fopen")(path, mode);
}

ssize_t write(int file, const void* bytes, size_t size) {
  return fails() ? -1 : ::syscall(SYS_write, file, bytes, size);
}

ssize_t pwrite(int file, const void* bytes, size_t size, off_t at) {
  return fails() ? -1 : ::syscall(SYS_pwrite64, file, bytes, size, at);
}

int fsync(int file) {
  return fails() ? -1 : static_cast<int>(::syscall(SYS_fsync, file));
}

int ftruncate(int file, off_t size) noexcept {
  return fails() ? -1 : static_cast<int>(::syscall(SYS_ftruncate, file, size));
}

int close(int file) {
  const bool failed = fails();
  const auto result = static_cast<int>(::syscall(SYS_close, file));
  if (!failed) return result;
  errno = reason;
  return -1;
}

int rename(const char* from, const char* to) noexcept {
  return fails() ? -1 : static_cast<int>(::syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}

int remove(const char* path) noexcept {
  return fails() ? -1 : next<int (*)(const char*)>("remove")(path);
}

int unlink(const char* path) noexcept {
  return fails() ? -1 : static_cast<int>(::syscall(SYS_unlinkat, AT_FDCWD, path, 0));
}

int unlinkat(int folder, const char* path, int flags) noexcept {
  return fails() ? -1 : static_cast<int>(::syscall(SYS_unlinkat, folder, path, flags));
}

int mkdir(const char* path, mode_t mode) noexcept {
  return fails() ? -1 : static_cast<int>(::syscall(SYS_mkdirat, AT_FDCWD, path, mode));
}

int rmdir(const char* path) noexcept {
  return fails() ? -1 : static_cast<int>(::syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR));
}
}
// NOLINTEND(readability-inconsistent-declaration-parameter-name,cert-dcl50-cpp)
