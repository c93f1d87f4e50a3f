// Files: whole reads, memory maps, writes that are all or nothing, and SHA-256.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace springbok {

/// The file's bytes. Throws Error with path and the system's reason.
std::vector<std::byte> read_file(const std::filesystem::path& path);
std::string read_text(const std::filesystem::path& path);
/// The same into `memory`, which grows where it must and keeps its size otherwise; returns how many bytes there are.
std::size_t read_file(const std::filesystem::path& path, std::vector<std::byte>& memory);

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
