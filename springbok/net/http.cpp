// libcurl: set-up, heads of answers, and words for what went wrong.
#include "springbok/net/http.h"

#include <algorithm>
#include <ctime>

namespace springbok::http {
namespace {

std::string trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") + 1 - first));
}

std::optional<std::uint64_t> whole_number(const std::string& text) {
  if (text.empty() || text.size() > 18 || text.find_first_not_of("0123456789") != std::string::npos)
    return std::nullopt;
  return std::stoull(text);
}

/// `bytes 100-199/200`: where the bytes begin, and the whole.
void read_range(const std::string& text, Answer& answer) {
  const std::size_t dash = text.find('-'), slash = text.find('/');
  if (!text.starts_with("bytes ") || slash == std::string::npos) return;
  answer.total = whole_number(text.substr(slash + 1));
  if (dash != std::string::npos) answer.first = whole_number(text.substr(6, dash - 6)).value_or(0);
}

/// `Retry-After`: seconds, or a date.
std::optional<double> seconds_of(const std::string& text) {
  if (const auto seconds = whole_number(text)) return static_cast<double>(*seconds);
  const std::time_t date = curl_getdate(text.c_str(), nullptr);
  if (date == -1) return std::nullopt;
  return std::max(0.0, std::difftime(date, std::time(nullptr)));
}

}  // namespace

Handle make_handle() {
  static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);  // before any thread uses it
  check(code == CURLE_OK, "libcurl starts");
  Handle handle(curl_easy_init());
  check(handle != nullptr, "libcurl gives a handle");
  return handle;
}

const char* redirect_protocols(std::string_view url) {
  constexpr std::string_view kSafe = "https:";
  const bool safe = url.size() >= kSafe.size() &&
                    std::equal(kSafe.begin(), kSafe.end(), url.begin(),
                               [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b - 'A' + 'a' : b); });
  return safe ? "https" : "http,https";
}

void ask(CURL* handle, const std::string& url, double stall_seconds) {
  set(handle, CURLOPT_URL, url.c_str());
  set(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  set(handle, CURLOPT_REDIR_PROTOCOLS_STR, redirect_protocols(url));
  set(handle, CURLOPT_FOLLOWLOCATION, 1L);
  set(handle, CURLOPT_MAXREDIRS, 5L);
  set(handle, CURLOPT_FAILONERROR, 1L);
  set(handle, CURLOPT_NOSIGNAL, 1L);
  set(handle, CURLOPT_USERAGENT, "springbok");
  set(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(stall_seconds * 1000));
  set(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
  set(handle, CURLOPT_LOW_SPEED_TIME, std::max(1L, static_cast<long>(stall_seconds)));
}

void Answer::take(std::string_view line) {
  if (line.starts_with("HTTP/")) {
    *this = {};
    return;
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return;
  std::string name(line.substr(0, colon));
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  const std::string value = trimmed(line.substr(colon + 1));
  if (name == "content-length" && !total) total = whole_number(value);
  if (name == "content-range") read_range(value, *this);
  if (name == "retry-after") retry_after = seconds_of(value);
  if (name == "etag" || (name == "last-modified" && version.empty())) version = value;
}

bool may_pass(CURLcode code) {
  return code == CURLE_PARTIAL_FILE || code == CURLE_OPERATION_TIMEDOUT || code == CURLE_RECV_ERROR ||
         code == CURLE_SEND_ERROR || code == CURLE_GOT_NOTHING || code == CURLE_HTTP2 || code == CURLE_HTTP2_STREAM;
}

std::string reason(CURLcode code, const Answer& answer, double stall_seconds, const char* words) {
  if (code == CURLE_UNSUPPORTED_PROTOCOL && answer.status >= 300 && answer.status < 400)
    return "the server sends on to an address that is not http or https, or from https to http, which is not followed";
  if (code == CURLE_HTTP_RETURNED_ERROR) return format("the server answers {}", answer.status);
  if (code == CURLE_PARTIAL_FILE || code == CURLE_RECV_ERROR) return "the connection broke";
  if (code == CURLE_OPERATION_TIMEDOUT && answer.status != 0)
    return format("nothing came for {:g} seconds", stall_seconds);
  return *words != 0 ? words : curl_easy_strerror(code);
}

}  // namespace springbok::http
