// Downloading with libcurl: ranges, retries, and what to say when it does not work.
#include "springbok/weights/download.h"

#include <curl/curl.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>

#include "springbok/base/error.h"
#include "springbok/base/file.h"

namespace springbok::weights {
namespace {

namespace fs = std::filesystem;

struct Closer {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  void operator()(std::FILE* file) const { std::fclose(file); }
};

/// libcurl's own set-up, once a process and before any thread uses it.
void start_curl() {
  static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
  check(code == CURLE_OK, "libcurl starts");
}

/// What the server said of the file, as far as it came.
struct Answer {
  long status = 0;
  std::optional<std::uint64_t> total;  ///< bytes of the whole file
  std::uint64_t first = 0;             ///< where the bytes that follow begin
  std::string version;                 ///< ETag, or the date of the last change
};

/// One connection's state, which libcurl's callbacks see.
struct Transfer {
  const fs::path& part;
  const DownloadSettings& settings;
  std::uint64_t have;  ///< bytes in `part`
  CURL* handle = nullptr;
  std::unique_ptr<std::FILE, Closer> file = {};
  Answer answer = {};
  std::string failure = {};  ///< why this side broke off
  bool wrong = false;        ///< what came is not the file
};

fs::path version_file(const fs::path& part) {
  return part.string() + ".version";
}

std::uint64_t size_of(const fs::path& path) {
  std::error_code none;
  const std::uint64_t size = fs::file_size(path, none);
  return none ? 0 : size;
}

void forget(const fs::path& part) {
  std::error_code none;
  fs::remove(part, none);
  fs::remove(version_file(part), none);
}

std::string trimmed(std::string text) {
  text.erase(0, text.find_first_not_of(" \t"));
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  return text;
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

std::size_t on_header(char* text, std::size_t, std::size_t size, void* user) {
  Answer& answer = static_cast<Transfer*>(user)->answer;
  const std::string line(text, size);
  if (line.starts_with("HTTP/")) {  // of each answer, where there are redirections
    answer = {};
    return size;
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string::npos) return size;
  std::string name = line.substr(0, colon);
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  const std::string value = trimmed(line.substr(colon + 1));
  if (name == "content-length" && !answer.total) answer.total = whole_number(value);
  if (name == "content-range") read_range(value, answer);
  if (name == "etag" || (name == "last-modified" && answer.version.empty())) answer.version = value;
  return size;
}

/// Opens the part for what comes. False, with the reason in `failure`, when it is not what was asked for.
bool begin(Transfer& transfer) {
  curl_easy_getinfo(transfer.handle, CURLINFO_RESPONSE_CODE, &transfer.answer.status);
  Answer& answer = transfer.answer;
  if (answer.status == 200) transfer.have = answer.first = 0;
  if (answer.status == 206 && answer.first != transfer.have) {
    transfer.failure = "the server sends another part of the file than was asked for";
    return false;
  }
  if (transfer.settings.size != 0 && answer.total && *answer.total != transfer.settings.size) {
    transfer.failure =
        format("the server has {}, wanted are {}", human_bytes(*answer.total), human_bytes(transfer.settings.size));
    return false;
  }
  transfer.file.reset(std::fopen(transfer.part.c_str(), transfer.have == 0 ? "wb" : "ab"));
  if (!transfer.file) {
    transfer.failure = format("cannot write {}", transfer.part.string());
    return false;
  }
  if (transfer.have == 0 && !answer.version.empty()) write_file(version_file(transfer.part), answer.version);
  return true;
}

std::size_t on_bytes(char* bytes, std::size_t, std::size_t size, void* user) {
  Transfer& transfer = *static_cast<Transfer*>(user);
  try {
    if (!transfer.file && !begin(transfer)) return 0;
  } catch (const Error& error) {  // must not cross libcurl's frames
    transfer.failure = error.what();
    return 0;
  }
  if (transfer.settings.size != 0 && transfer.have + size > transfer.settings.size) {
    transfer.failure = format("the server sends more than {}", human_bytes(transfer.settings.size));
    transfer.wrong = true;
    return 0;
  }
  if (std::fwrite(bytes, 1, size, transfer.file.get()) != size) {
    transfer.failure = format("cannot write {}: is the disk full?", transfer.part.string());
    return 0;
  }
  transfer.have += size;
  if (transfer.settings.progress)
    transfer.settings.progress(transfer.have, transfer.answer.total.value_or(transfer.settings.size));
  return size;
}

template <class T>
void set(CURL* handle, CURLoption option, T value) {
  check(curl_easy_setopt(handle, option, value) == CURLE_OK, "libcurl takes the option");
}

/// How one connection ended.
struct Ending {
  CURLcode code = CURLE_OK;
  std::string text;  ///< libcurl's own words
};

void ask(CURL* handle, const std::string& url, const DownloadSettings& settings) {
  set(handle, CURLOPT_URL, url.c_str());
  set(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  set(handle, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  set(handle, CURLOPT_FOLLOWLOCATION, 1L);
  set(handle, CURLOPT_MAXREDIRS, 5L);
  set(handle, CURLOPT_FAILONERROR, 1L);
  set(handle, CURLOPT_NOSIGNAL, 1L);
  set(handle, CURLOPT_USERAGENT, "springbok");
  set(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(settings.stall_seconds * 1000));
  set(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
  set(handle, CURLOPT_LOW_SPEED_TIME, std::max(1L, static_cast<long>(settings.stall_seconds)));
}

/// The headers that ask for what is missing, of the version that was begun; none when nothing is there.
std::unique_ptr<curl_slist, Closer> range(const Transfer& transfer) {
  std::unique_ptr<curl_slist, Closer> headers;
  if (transfer.have == 0) return headers;
  headers.reset(curl_slist_append(nullptr, format("Range: bytes={}-", transfer.have).c_str()));
  const std::string version = fs::exists(version_file(transfer.part)) ? read_text(version_file(transfer.part)) : "";
  if (!version.empty()) curl_slist_append(headers.get(), ("If-Range: " + version).c_str());
  return headers;
}

Ending connect(const std::string& url, Transfer& transfer) {
  start_curl();
  const std::unique_ptr<CURL, Closer> handle(curl_easy_init());
  check(handle != nullptr, "libcurl gives a handle");
  transfer.handle = handle.get();
  char words[CURL_ERROR_SIZE] = "";
  const std::unique_ptr<curl_slist, Closer> headers = range(transfer);
  ask(handle.get(), url, transfer.settings);
  set(handle.get(), CURLOPT_HTTPHEADER, headers.get());
  set(handle.get(), CURLOPT_ERRORBUFFER, words);
  set(handle.get(), CURLOPT_HEADERFUNCTION, on_header);
  set(handle.get(), CURLOPT_HEADERDATA, &transfer);
  set(handle.get(), CURLOPT_WRITEFUNCTION, on_bytes);
  set(handle.get(), CURLOPT_WRITEDATA, &transfer);
  const CURLcode code = curl_easy_perform(handle.get());
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &transfer.answer.status);
  if (transfer.file && std::fclose(transfer.file.release()) != 0 && transfer.failure.empty()) {
    transfer.failure = format("cannot write {}: is the disk full?", transfer.part.string());
  }
  return {.code = code, .text = *words != 0 ? words : curl_easy_strerror(code)};
}

/// Whether another connection may do better at once.
bool may_pass(CURLcode code) {
  return code == CURLE_PARTIAL_FILE || code == CURLE_OPERATION_TIMEDOUT || code == CURLE_RECV_ERROR ||
         code == CURLE_SEND_ERROR || code == CURLE_GOT_NOTHING || code == CURLE_HTTP2 || code == CURLE_HTTP2_STREAM;
}

std::string reason(const Ending& ending, const Transfer& transfer) {
  if (!transfer.failure.empty()) return transfer.failure;
  if (ending.code == CURLE_HTTP_RETURNED_ERROR) return format("the server answers {}", transfer.answer.status);
  if (ending.code == CURLE_PARTIAL_FILE || ending.code == CURLE_RECV_ERROR) return "the connection broke";
  if (ending.code == CURLE_OPERATION_TIMEDOUT && transfer.answer.status != 0) {
    return format("nothing came for {:g} seconds", transfer.settings.stall_seconds);
  }
  return ending.text;
}

/// `got 200.0 MB of 311.0 MB: the connection broke`.
std::string complaint(const Ending& ending, const Transfer& transfer) {
  const std::uint64_t total = transfer.answer.total.value_or(transfer.settings.size);
  const std::string why = reason(ending, transfer);
  if (transfer.have == 0) return why;
  if (transfer.wrong) return why;
  const std::string of = total == 0 ? "" : " of " + human_bytes(total);
  return format("got {}{}: {}; the same command goes on from there", human_bytes(transfer.have), of, why);
}

bool complete(const Transfer& transfer) {
  const std::uint64_t total = transfer.answer.total.value_or(transfer.settings.size);
  return total == 0 || transfer.have == total;
}

}  // namespace

void download(const std::string& url, const fs::path& part, const DownloadSettings& settings) {
  for (int left = settings.tries; left > 0; --left) {
    Transfer transfer{.part = part, .settings = settings, .have = size_of(part)};
    if (settings.verified && settings.size != 0 && transfer.have == settings.size) return;
    const bool unsure = !settings.verified && !fs::exists(version_file(part));
    if (unsure || (settings.size != 0 && transfer.have > settings.size)) {
      forget(part);
      transfer.have = 0;
    }
    const std::uint64_t before = transfer.have;
    Ending ending = connect(url, transfer);
    if (ending.code == CURLE_OK && transfer.have == 0) fail("{}: the server's file is empty", url);
    if (ending.code == CURLE_OK && transfer.failure.empty() && complete(transfer)) {
      std::error_code none;
      fs::remove(version_file(part), none);
      return;
    }
    if (ending.code == CURLE_OK) ending.code = CURLE_PARTIAL_FILE;
    const bool past_the_end = ending.code == CURLE_HTTP_RETURNED_ERROR && transfer.answer.status == 416 && before > 0;
    if (past_the_end) forget(part);  // another file than the one begun
    if (transfer.failure.empty() && left > 1 && (past_the_end || may_pass(ending.code))) continue;
    if (transfer.wrong) forget(part);
    fail("{}: {}", url, complaint(ending, transfer));
  }
}

}  // namespace springbok::weights
