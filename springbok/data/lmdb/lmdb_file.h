// Inside the room: the entries of an LMDB database, found without liblmdb: it maps files, and trusts them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "springbok/base/random_file.h"

namespace springbok::data {

/// Where a value lies in the file.
struct LmdbValue {
  std::uint64_t at = 0;
  std::uint32_t size = 0;
};

/// A database of format 1 (all of LMDB 0.9) as it was after its last transaction, of one writer that is done. Throws
/// Error naming the file for one that is cut, damaged or cannot be read; nothing in it is trusted.
class LmdbFile {
 public:
  explicit LmdbFile(const std::filesystem::path& path);

  /// Calls `use(key, value)` for each entry of the main database in the order of keys; not for those that are databases
  /// or lists themselves.
  void for_each(const std::function<void(const std::string&, const LmdbValue&)>& use) const;
  void read(const LmdbValue& value, std::vector<std::byte>& memory) const { file_.read(value.at, value.size, memory); }
  std::vector<std::byte> read(const LmdbValue& value) const;
  std::string stamp() const;  ///< of the file now (folder_tree.h)
  void expect(const LmdbValue& value) const { file_.expect(value.at, value.size); }

 private:
  using Page = std::vector<std::byte>;
  struct Walk;

  [[noreturn]] void fail_damaged(const char* what) const;
  bool read_meta(std::uint64_t at);
  Page page(std::uint64_t number) const;
  void walk(Walk& all, std::uint64_t number, int depth) const;
  LmdbValue value(const Page& page, std::uint64_t number, std::size_t node) const;

  RandomFile file_;
  std::uint64_t size_ = 0;       ///< of the file
  std::uint64_t page_size_ = 0;  ///< these as the last transaction says
  std::uint64_t transaction_ = 0;
  std::uint64_t pages_ = 0;
  std::uint64_t root_ = 0;
};

}  // namespace springbok::data
