// Inside the room: files that are plain or gzip.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

struct gzFile_s;

namespace springbok::data {

/// Reads a file through zlib, which passes plain files on as they are.
class GzFile {
 public:
  explicit GzFile(std::filesystem::path path);
  ~GzFile();
  GzFile(const GzFile&) = delete;
  GzFile& operator=(const GzFile&) = delete;

  /// The next `size` bytes; fewer only at the end. Memory grows with what is there, not with `size`. Throws Error for a
  /// gzip stream that is damaged or cut.
  std::vector<std::uint8_t> read(std::uint64_t size);

 private:
  void check_stream() const;

  std::filesystem::path path_;
  gzFile_s* file_ = nullptr;
  std::uint64_t done_ = 0;
};

}  // namespace springbok::data
