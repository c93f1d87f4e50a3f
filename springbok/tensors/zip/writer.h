// Writing a zip archive front to back: stored records with aligned data, as PyTorch lays out its files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace springbok::tensors {

class ZipWriter {
 public:
  /// Takes the archive's bytes in order.
  using Sink = std::function<void(std::span<const std::byte>)>;

  /// `always_zip64` writes the 64-bit records where small archives need none (to test them).
  explicit ZipWriter(Sink sink, bool always_zip64 = false) : sink_(std::move(sink)), always_zip64_(always_zip64) {}

  /// Appends a record; its data starts at a multiple of 64 bytes. `name` is ASCII.
  void add(const std::string& name, std::span<const std::byte> data);
  void add(const std::string& name, std::string_view text);

  /// Writes the central directory. Nothing may follow.
  void finish();

 private:
  struct Record {
    std::string name;
    std::uint64_t size = 0;
    std::uint64_t offset = 0;
    std::uint32_t crc = 0;
    bool wide_size = false, wide_offset = false;
  };
  std::string local_header(const Record& record) const;
  std::string central_header(const Record& record) const;
  std::string end_records(std::uint64_t directory_offset, std::uint64_t directory_size) const;

  void write(std::span<const std::byte> bytes);

  Sink sink_;
  std::uint64_t written_ = 0;
  bool always_zip64_;
  std::vector<Record> records_;
};

}  // namespace springbok::tensors
