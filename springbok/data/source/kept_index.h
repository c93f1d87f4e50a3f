// Inside the room: index files in the cache: what looking through many files once found, kept for the next time.
#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace springbok::data {

/// Puts numbers and texts one after the other. Numbers lie as in memory: the cache does not travel.
class IndexWriter {
 public:
  template <class T>
  void number(T value) {
    static_assert(std::is_integral_v<T>);
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void text(std::string_view value) {
    number<std::uint64_t>(value.size());
    bytes_ += value;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

/// Reads what IndexWriter wrote; `good` turns false where there is less.
class IndexReader {
 public:
  explicit IndexReader(std::string_view in) : in_(in) {}

  template <class T>
  T number() {
    T value{};
    const std::string_view bytes = take(sizeof value);
    if (good_) std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }
  std::string_view text() { return take(number<std::uint64_t>()); }
  bool good() const { return good_; }
  bool at_end() const { return in_.empty(); }

 private:
  std::string_view take(std::uint64_t size) {
    good_ = good_ && size <= in_.size();
    if (!good_) return {};
    const std::string_view taken = in_.substr(0, size);
    in_.remove_prefix(size);
    return taken;
  }

  std::string_view in_;
  bool good_ = true;
};

/// One index: its file, what it is an index of, and its format, whose last character is the version.
struct KeptIndex {
  std::filesystem::path file;  ///< empty where there is no cache
  std::string_view format;
  std::string place;

  /// The one of `place` in the folder `kind` of the cache.
  static KeptIndex of(const char* kind, std::string_view format, std::string place);

  /// What `write` wrote; nothing when there is no file, or one that is damaged, of another format or for another place.
  /// Nothing too when everything is to be looked at anew:  `rescan`, or $SPRINGBOK_RESCAN set and not 0.
  std::optional<std::string> read(bool rescan) const;
  /// False when it cannot be written, which is said once, on standard error.
  bool write(std::string_view body) const;
};

/// The file's content: format, place and body, and the SHA-256 of all that.
std::string seal_index(const KeptIndex& index, std::string_view body);
/// The body in a file's content, or nothing as for `read`.
std::optional<std::string_view> unseal_index(const KeptIndex& index, std::string_view bytes);

}  // namespace springbok::data
