// A file read at any place, or written at its end and gone on with later.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

namespace springbok {

/// An open file. Every failure throws Error with path and reason. Reading is safe from many threads at once, and sees a
/// file that was cut or a disk that fails as an Error, which a memory map would not.
class RandomFile {
 public:
  enum class Mode : std::uint8_t { read, write };  ///< write: made where it is not there, never shortened

  RandomFile(std::filesystem::path path, Mode mode);
  RandomFile(const RandomFile&) = delete;
  RandomFile& operator=(const RandomFile&) = delete;
  ~RandomFile();

  std::uint64_t size() const;
  /// Fills `room` from `offset` on; a file that ends before is an Error.
  void read(std::uint64_t offset, std::span<std::byte> room) const;
  /// The same into the front of `memory`, which grows where it must and keeps its size otherwise.
  void read(std::uint64_t offset, std::size_t size, std::vector<std::byte>& memory) const;
  /// The part will soon be read: asks the system to fetch it meanwhile. A hint, without errors.
  void expect(std::uint64_t offset, std::uint64_t size) const;
  void write(std::uint64_t offset, std::span<const std::byte> bytes);
  void truncate(std::uint64_t size);
  /// Keeps other processes' `lock` out until this is destroyed; false when another has it.
  bool lock();
  /// To the disk, then renamed to `path`; has its old name again after an Error.
  void commit(const std::filesystem::path& path);
  const std::filesystem::path& path() const { return path_; }

 private:
  [[noreturn]] void fail_here(const char* action, int error) const;

  std::filesystem::path path_;
  int fd_ = -1;
};

}  // namespace springbok
