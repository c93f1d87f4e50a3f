// Files: whole reads, memory maps, writes that are all or nothing, and SHA-256.
#include "springbok/base/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/base/half_written.h"
#include "springbok/base/sha256.h"

namespace springbok {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail_system(const char* action, const fs::path& path, int error) {
  fail("cannot {} {}: {}", action, path.string(), std::generic_category().message(error));
}

const char* kind_name(mode_t mode) {
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return S_ISCHR(mode) || S_ISBLK(mode) ? "a device" : "no file";
}

/// Of a regular file. Throws Error for any other kind.
std::uint64_t size_of(const Descriptor& file, const fs::path& path) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) fail_system("examine", path, errno);
  if (S_ISDIR(status.st_mode)) fail_system("read", path, EISDIR);
  if (!S_ISREG(status.st_mode)) {
    fail("{}: is {}; only regular files are read: put its content into one", path.string(), kind_name(status.st_mode));
  }
  return static_cast<std::uint64_t>(status.st_size);
}

[[noreturn]] void fail_too_large(const fs::path& path, std::uint64_t size, std::uint64_t most) {
  fail("{}: has {}; a file of its kind has at most {}", path.string(), human_bytes(size), human_bytes(most));
}

/// Fills as much of `room` as the file still has; less than its size only at the end of the file.
std::size_t read_some(const Descriptor& file, std::span<std::byte> room, const fs::path& path) {
  std::size_t got = 0;
  while (got < room.size()) {
    const ssize_t count = ::read(file.get(), room.data() + got, room.size() - got);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_system("read", path, errno);
    if (count == 0) break;
    got += static_cast<std::size_t>(count);
  }
  return got;
}

/// Reads into a container of bytes, whatever the file claims its size to be (/proc says 0). Returns how many there are;
/// the container is never shortened.
template <class Container>
std::size_t read_whole(const fs::path& path, Container& content, std::uint64_t most) {
  const Descriptor file = open_regular(path, most);
  std::size_t room = static_cast<std::size_t>(size_of(file, path)) + 1;
  for (std::size_t filled = 0;; room = content.size() + (std::size_t{1} << 16)) {
    if (content.size() < room) content.resize(room);
    filled += read_some(file, std::as_writable_bytes(std::span(content)).subspan(filled), path);
    if (filled > most) fail_too_large(path, filled, most);
    if (filled < content.size()) return filled;
  }
}

template <class Container>
Container read_whole(const fs::path& path, std::uint64_t most) {
  Container content;
  content.resize(read_whole(path, content, most));
  return content;
}

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

}  // namespace

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

Descriptor open_regular(const fs::path& path, std::uint64_t most) {
  // without O_NONBLOCK opening a pipe waits for a writer
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (file.get() < 0) fail_system("open", path, errno);
  const std::uint64_t size = size_of(file, path);
  if (size > most) fail_too_large(path, size, most);
  return file;
}

std::vector<std::byte> read_file(const fs::path& path, std::uint64_t most) {
  return read_whole<std::vector<std::byte>>(path, most);
}

std::size_t read_file(const fs::path& path, std::vector<std::byte>& memory, std::uint64_t most) {
  return read_whole(path, memory, most);
}

void sync_folder(const fs::path& folder) {
  const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.get() < 0) fail_system("open", folder, errno);
  if (::fsync(opened.get()) != 0 && errno != EINVAL && errno != ENOTSUP) fail_system("sync folder", folder, errno);
}

std::string read_text(const fs::path& path, std::uint64_t most) {
  return read_whole<std::string>(path, most);
}

MappedFile::MappedFile(const fs::path& path) {
  const Descriptor file = open_regular(path);
  const auto size = static_cast<std::size_t>(size_of(file, path));
  if (size == 0) return;
  void* mapped = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (mapped == MAP_FAILED) fail_system("map", path, errno);
  data_ = static_cast<const std::byte*>(mapped);
  size_ = size;
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
}

AtomicFile::AtomicFile(fs::path path) : path_(std::move(path)) {
  std::error_code ignored;
  if (fs::is_symlink(path_, ignored)) path_ = fs::weakly_canonical(path_, ignored);
  if (fs::is_directory(path_, ignored)) fail_system("write", path_, EISDIR);
  // A device or pipe (/dev/stdout, /dev/null) is written in place: renaming over it would destroy it.
  if (fs::exists(path_, ignored) && !fs::is_regular_file(path_, ignored)) {
    fd_ = ::open(path_.c_str(), O_WRONLY | O_CLOEXEC);
    if (fd_ < 0) fail_system("write", path_, errno);
    return;
  }
  do {
    temporary_ = folder_of(path_) / half_written_name(path_.filename().string());
    fd_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  } while (fd_ < 0 && errno == EEXIST);
  if (fd_ < 0) fail_system("write", path_, errno);
}

AtomicFile::~AtomicFile() {
  if (fd_ >= 0) ::close(fd_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  check(fd_ >= 0, "AtomicFile::write after commit");
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_system("write", path_, errno);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
    size_ += static_cast<std::uint64_t>(count);
  }
}

void AtomicFile::write(std::string_view text) {
  write(std::as_bytes(std::span(text)));
}

void AtomicFile::commit(bool durable) {
  check(fd_ >= 0, "AtomicFile::commit called twice");
  if (durable && !temporary_.empty() && ::fsync(fd_) != 0) fail_system("write", path_, errno);
  if (::close(std::exchange(fd_, -1)) != 0) fail_system("write", path_, errno);
  if (temporary_.empty()) return;
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail_system("write", path_, errno);
  temporary_.clear();
  if (durable) sync_folder(folder_of(path_));
}

void write_file(const fs::path& path, std::string_view text) {
  AtomicFile file(path);
  file.write(text);
  file.commit();
}

void check_writable(const fs::path& path) {
  clear_half_written(path);
  AtomicFile removed_at_once(path);
}

void make_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) fail("cannot make folder {}: {}", path.string(), error.message());
}

std::string sha256(std::span<const std::byte> bytes) {
  Sha256 digest;
  digest.add(bytes);
  return digest.hex();
}

std::string sha256_file(const fs::path& path) {
  const Descriptor file = open_regular(path);
  Sha256 digest;
  std::vector<std::byte> piece(std::size_t{1} << 20);
  for (std::size_t got = piece.size(); got == piece.size();) {
    got = read_some(file, piece, path);
    digest.add(std::span(piece).first(got));
  }
  return digest.hex();
}

}  // namespace springbok
