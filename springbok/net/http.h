// What all uses of libcurl share: starting it, a connection's manners, and what a server says of a file.
#pragma once

#include <curl/curl.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "springbok/base/error.h"

namespace springbok::http {

struct Closer {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Handle = std::unique_ptr<CURL, Closer>;
using Headers = std::unique_ptr<curl_slist, Closer>;

template <class T>
void set(CURL* handle, CURLoption option, T value) {
  check(curl_easy_setopt(handle, option, value) == CURLE_OK, "libcurl takes the option");
}

/// A handle of its own for a thread to keep; starts libcurl once a process.
Handle make_handle();

/// Where redirections of this address may lead, as libcurl writes it: never from https to http.
const char* redirect_protocols(std::string_view url);

/// Asks for `url`, http or https only, after up to five redirections; a server's error ends the transfer, and so does
/// hearing nothing for `stall_seconds`.
void ask(CURL* handle, const std::string& url, double stall_seconds);

/// What the server said of the file, as far as it came.
struct Answer {
  long status = 0;
  std::optional<std::uint64_t> total;  ///< bytes of the whole file
  std::uint64_t first = 0;             ///< where the bytes that follow begin
  std::string version;                 ///< ETag, or the date of the last change
  std::optional<double> retry_after;   ///< seconds that the server wants to be left alone for

  /// Takes a line of the answer's head. The first of each answer, where there are redirections, begins anew.
  void take(std::string_view line);
};

/// Whether another connection may do better at once.
bool may_pass(CURLcode code);

/// How a transfer ended, in words: `the server answers 404`, `the connection broke`.
std::string reason(CURLcode code, const Answer& answer, double stall_seconds, const char* words);

}  // namespace springbok::http
