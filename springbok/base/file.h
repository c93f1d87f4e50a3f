// Files: whole reads, memory maps, writes that are all or nothing, and SHA-256.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace springbok {

/// An open file's number, closed when it goes.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor();
  int get() const { return fd_; }
  int release() noexcept { return std::exchange(fd_, -1); }  ///< the caller closes it

 private:
  int fd_;
};

/// The most bytes of a file that is read as a whole, where nothing says that its kind may have more or has fewer.
inline constexpr std::uint64_t kMostWhole = std::uint64_t{1} << 30;
inline constexpr std::uint64_t kAnySize = ~std::uint64_t{0};

/// Opens a regular file (links are followed) for reading, without waiting for anything. Throws Error for what is none,
/// such as a pipe or a device, and for a file of more than `most` bytes.
Descriptor open_regular(const std::filesystem::path& path, std::uint64_t most = kAnySize);

/// The file's bytes. Throws Error with path and the system's reason, and as `open_regular` does.
std::vector<std::byte> read_file(const std::filesystem::path& path, std::uint64_t most = kMostWhole);
std::string read_text(const std::filesystem::path& path, std::uint64_t most = kMostWhole);
/// The same into `memory`, which grows where it must and keeps its size otherwise; returns how many bytes there are.
std::size_t read_file(const std::filesystem::path& path, std::vector<std::byte>& memory,
                      std::uint64_t most = kMostWhole);

/// A read-only memory map; the span lives as long as the object. Movable. An empty file maps to an empty span.
class MappedFile {
 public:
  explicit MappedFile(const std::filesystem::path& path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();
  std::span<const std::byte> bytes() const { return {data_, size_}; }

 private:
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

/// A file written under a temporary name beside `path`, fsynced and renamed on `commit` (and the folder fsynced);
/// removed when destroyed without it. Every failure (full disk, no permission) throws Error with path and reason.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path path);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();
  void write(std::span<const std::byte> bytes);
  void write(std::string_view text);
  std::uint64_t size() const { return size_; }  ///< bytes written so far
  /// `durable` waits for the disk; what can be made again need not.
  void commit(bool durable = true);

 private:
  std::filesystem::path path_;
  std::filesystem::path temporary_;
  int fd_ = -1;
  std::uint64_t size_ = 0;
};

/// Writes `text` to `path`, all or nothing.
void write_file(const std::filesystem::path& path, std::string_view text);

/// Throws the Error that writing `path` would end in for its folder or permissions, before any work; leaves nothing.
void check_writable(const std::filesystem::path& path);

/// Has the folder's names written to the disk. Throws Error with path and reason.
void sync_folder(const std::filesystem::path& folder);

/// Makes the folder and its parents. Throws Error with path and reason.
void make_folder(const std::filesystem::path& path);

/// SHA-256 in lower-case hex.
std::string sha256(std::span<const std::byte> bytes);
std::string sha256_file(const std::filesystem::path& path);

}  // namespace springbok
