// A zip archive in memory: its records by name, each checked to lie inside the file and apart from the others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace springbok::tensors {

class ZipReader {
 public:
  /// Throws Error, which begins with `file`: cut, overlapping or contradictory records. `bytes` must outlive this.
  ZipReader(std::span<const std::byte> bytes, std::string file);

  struct Record {
    std::string_view name;
    std::uint16_t method = 0;  ///< 0: stored
    bool encrypted = false;
    std::uint64_t header = 0;  ///< where its local header begins
    std::uint64_t size = 0;    ///< bytes in the file
    std::uint64_t full_size = 0;
    std::span<const std::byte> data;
  };
  const std::vector<Record>& records() const { return records_; }

  bool has(const std::string& name) const { return by_name_.contains(name); }

  /// A record's bytes. Throws Error when it is missing, compressed or encrypted.
  std::span<const std::byte> get(const std::string& name) const;

 private:
  struct Directory {
    std::uint64_t offset = 0, size = 0, count = 0;
  };
  [[noreturn]] void damaged(std::string_view what) const;
  Directory find_directory() const;
  Directory find_wide_directory(std::size_t end) const;
  void read_directory(const Directory& directory);
  std::size_t read_record(std::size_t at, std::size_t end);
  void read_wide_sizes(std::span<const std::byte> extra, Record& record) const;
  void locate(Record& record, std::uint64_t end) const;
  void check_apart() const;

  std::span<const std::byte> bytes_;
  std::string file_;
  std::vector<Record> records_;
  std::unordered_map<std::string_view, std::size_t> by_name_;
};

}  // namespace springbok::tensors
