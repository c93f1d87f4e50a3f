// A file read at any place, or written and gone on with.
#include "springbok/base/random_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/base/file.h"

namespace springbok {

RandomFile::RandomFile(std::filesystem::path path, Mode mode)
    : path_(std::move(path)),
      fd_(mode == Mode::read ? open_regular(path_).release()
                             : ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0666)) {
  if (fd_ < 0) fail_here("open", errno);
  struct stat status {};
  if (::fstat(fd_, &status) == 0 && S_ISREG(status.st_mode)) return;
  ::close(fd_);
  fail("{}: is no regular file; remove it", path_.string());
}

RandomFile::~RandomFile() {
  ::close(fd_);
}

void RandomFile::fail_here(const char* action, int error) const {
  fail("cannot {} {}: {}", action, path_.string(), std::generic_category().message(error));
}

std::uint64_t RandomFile::size() const {
  struct stat status {};
  if (::fstat(fd_, &status) != 0) fail_here("examine", errno);
  return static_cast<std::uint64_t>(status.st_size);
}

void RandomFile::read(std::uint64_t offset, std::span<std::byte> room) const {
  while (!room.empty()) {
    const ssize_t count = ::pread(fd_, room.data(), room.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_here("read", errno);
    if (count == 0)
      fail("{}: ends at byte {}, where more should be; it was cut", path_.string(),
           with_commas(static_cast<std::int64_t>(offset)));
    room = room.subspan(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
}

void RandomFile::read(std::uint64_t offset, std::size_t size, std::vector<std::byte>& memory) const {
  if (memory.size() < size) memory.resize(size);
  read(offset, std::span(memory).first(size));
}

void RandomFile::expect(std::uint64_t offset, std::uint64_t size) const {
  ::posix_fadvise(fd_, static_cast<off_t>(offset), static_cast<off_t>(size), POSIX_FADV_WILLNEED);
}

void RandomFile::write(std::uint64_t offset, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_here("write", errno);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
}

void RandomFile::truncate(std::uint64_t size) {
  if (::ftruncate(fd_, static_cast<off_t>(size)) != 0) fail_here("cut", errno);
}

bool RandomFile::lock() {
  if (::flock(fd_, LOCK_EX | LOCK_NB) == 0) return true;
  if (errno != EWOULDBLOCK) fail_here("lock", errno);
  return false;
}

void RandomFile::commit(const std::filesystem::path& path) {
  if (::fsync(fd_) != 0) fail_here("write", errno);
  if (::rename(path_.c_str(), path.c_str()) != 0) fail_here("rename", errno);
  try {
    sync_folder(path.has_parent_path() ? path.parent_path() : std::filesystem::path("."));
  } catch (const Error&) {
    ::rename(path.c_str(), path_.c_str());  // so that the work is gone on with, not taken for done
    throw;
  }
  path_ = path;
}

}  // namespace springbok
