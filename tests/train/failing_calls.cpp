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
#include <cstring>

namespace {

std::atomic<long> left = 0;  ///< calls until the one that fails; below 0: it came; 0: none is to fail
std::atomic<int> reason = EIO;

/// Whether this call is the one that is counted for.
bool counts_down(std::atomic<long>& count) {
  long now = count;
  while (now > 0 && !count.compare_exchange_weak(now, now == 1 ? -1 : now - 1)) {
  }
  return now == 1;
}

bool fails() {
  if (!counts_down(left)) return false;
  errno = reason;
  return true;
}

std::atomic<long> renames_left = 0;  ///< until the one whose answer is lost
std::atomic<long> alters = 0;        ///< 1: the next large write is altered
std::atomic<bool> held = false, waits = false, syncs = true;
constexpr size_t kLarge = 1000;

/// Until the writes are let go.
void wait_while_held() {
  constexpr int kTries = 3000, kPause = 10'000;  // half a minute
  for (int i = 0; held && i < kTries; ++i) {
    waits = true;
    ::usleep(kPause);
  }
}

/// The same bytes but for one bit.
ssize_t write_altered(int file, const void* bytes, size_t size) {
  auto* copy = static_cast<unsigned char*>(std::malloc(size));
  std::memcpy(copy, bytes, size);
  copy[size / 2] ^= 1;
  const ssize_t result = ::syscall(SYS_write, file, copy, size);
  std::free(copy);
  return result;
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

LostAnswer::LostAnswer(long nth) {
  renames_left = nth;
}

LostAnswer::~LostAnswer() {
  renames_left = 0;
}

bool LostAnswer::came() const {
  return renames_left < 0;
}

AlteredWrite::AlteredWrite() {
  alters = 1;
}

AlteredWrite::~AlteredWrite() {
  alters = 0;
}

NoSync::NoSync() {
  syncs = false;
}

NoSync::~NoSync() {
  syncs = true;
}

HeldWrites::HeldWrites() {
  ::waits = false;
  held = true;
}

void HeldWrites::release() {
  held = false;
}

bool HeldWrites::waits() {
  return ::waits;
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
  if (size > kLarge) wait_while_held();
  if (size > kLarge && counts_down(alters)) return write_altered(file, bytes, size);
  return fails() ? -1 : ::syscall(SYS_write, file, bytes, size);
}

ssize_t pwrite(int file, const void* bytes, size_t size, off_t at) {
  return fails() ? -1 : ::syscall(SYS_pwrite64, file, bytes, size, at);
}

int fsync(int file) {
  return fails() ? -1 : syncs ? static_cast<int>(::syscall(SYS_fsync, file)) : 0;
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
  if (fails()) return -1;
  const auto result = static_cast<int>(::syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
  if (!counts_down(renames_left)) return result;
  errno = ENOENT;
  return -1;
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
