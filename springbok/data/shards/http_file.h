// A file on a server, read in parts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stop_token>
#include <string>

namespace springbok::data {

/// A file on a server that answers range requests (HTTP/1.1, RFC 9110 section 14). `read` may be called from many
/// threads at once; each keeps its connections.
class HttpFile {
 public:
  /// Asks for the first byte, to learn size and version. Throws Error with the address and what the server says, also
  /// when it does not answer range requests. A server that is busy is tried again, here and in `read`, `first_wait`
  /// seconds later, then twice as long, ... (net/patience.h).
  explicit HttpFile(std::string url, double stall_seconds = 30, double first_wait = 0.5);

  std::uint64_t size() const { return size_; }
  /// ETag or the date of the last change; empty when the server gives none.
  const std::string& version() const { return version_; }
  const std::string& url() const { return url_; }

  /// Fills `room` from `offset` on, going on after broken connections. Throws Error when the server breaks off several
  /// times, has another version of the file by now, or `stop` is requested, which is seen within a second or so.
  void read(std::uint64_t offset, std::span<std::byte> room, const std::stop_token& stop = {}) const;

 private:
  std::string url_;
  double stall_seconds_, first_wait_;
  std::uint64_t size_ = 0;
  std::string version_;
};

/// A small file as a whole, such as a list; nothing where the server has none (404). Throws Error otherwise.
std::string read_url(const std::string& url, double stall_seconds = 30);

/// Whether the text is an address that this can read.
bool is_url(const std::string& text);

}  // namespace springbok::data
