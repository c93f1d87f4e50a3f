// Range requests, each on its thread's connection.
#include "springbok/data/shards/http_file.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/net/http.h"
#include "springbok/net/patience.h"

namespace springbok::data {
namespace {

/// What libcurl's callbacks see of a request for a part.
struct Part {
  std::span<std::byte> room;
  std::uint64_t offset = 0;  ///< of the room in the file
  std::stop_token stop = {};
  CURL* handle = nullptr;
  http::Answer answer = {};
  std::size_t have = 0;
  std::string failure = {};  ///< why this side broke off
};

std::size_t on_header(char* text, std::size_t, std::size_t size, void* user) {
  static_cast<Part*>(user)->answer.take({text, size});
  return size;
}

std::size_t on_bytes(char* bytes, std::size_t, std::size_t size, void* user) {
  Part& part = *static_cast<Part*>(user);
  curl_easy_getinfo(part.handle, CURLINFO_RESPONSE_CODE, &part.answer.status);
  if (part.answer.status != 206) {
    part.failure = "the server does not answer range requests; copy the shards to a disk";
  } else if (part.have == 0 && part.answer.first != part.offset) {
    part.failure = "the server sends another part of the file than was asked for";
  } else if (size > part.room.size() - part.have) {
    part.failure = "the server sends more than was asked for";
  }
  if (!part.failure.empty()) return 0;
  std::memcpy(part.room.data() + part.have, bytes, size);
  part.have += size;
  return size;
}

/// libcurl calls it often while bytes come, and once a second while none do.
int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  Part& part = *static_cast<Part*>(user);
  if (!part.stop.stop_requested()) return 0;
  part.failure = "no longer wanted";
  return 1;
}

struct Ending {
  CURLcode code = CURLE_OK;
  std::string reason;  ///< of what went wrong
};

/// A thread's handle keeps its connections open from one request to the next.
CURL* thread_handle() {
  thread_local const http::Handle handle = http::make_handle();
  curl_easy_reset(handle.get());
  return handle.get();
}

/// One request for `part.room`.
Ending request(const std::string& url, double stall_seconds, Part& part) {
  CURL* handle = part.handle = thread_handle();
  char words[CURL_ERROR_SIZE] = "";
  const std::string range = format("{}-{}", part.offset, part.offset + part.room.size() - 1);
  http::ask(handle, url, stall_seconds);
  http::set(handle, CURLOPT_RANGE, range.c_str());
  http::set(handle, CURLOPT_ERRORBUFFER, words);
  http::set(handle, CURLOPT_HEADERFUNCTION, on_header);
  http::set(handle, CURLOPT_HEADERDATA, &part);
  http::set(handle, CURLOPT_WRITEFUNCTION, on_bytes);
  http::set(handle, CURLOPT_WRITEDATA, &part);
  http::set(handle, CURLOPT_XFERINFOFUNCTION, on_progress);
  http::set(handle, CURLOPT_XFERINFODATA, &part);
  http::set(handle, CURLOPT_NOPROGRESS, 0L);
  CURLcode code = curl_easy_perform(handle);
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &part.answer.status);
  if (code == CURLE_OK && part.have < part.room.size()) code = CURLE_PARTIAL_FILE;
  if (code == CURLE_OK) return {};
  return {.code = code,
          .reason = part.failure.empty() ? http::reason(code, part.answer, stall_seconds, words) : part.failure};
}

std::size_t on_answer(char* text, std::size_t, std::size_t size, void* user) {
  static_cast<http::Answer*>(user)->take({text, size});
  return size;
}

std::size_t on_text(char* bytes, std::size_t, std::size_t size, void* user) {
  constexpr std::size_t kMost = 64U << 20U;  // a list, not a data set
  std::string& text = *static_cast<std::string*>(user);
  if (size > kMost - text.size()) return 0;
  text.append(bytes, size);
  return size;
}

}  // namespace

HttpFile::HttpFile(std::string url, double stall_seconds, double first_wait)
    : url_(std::move(url)), stall_seconds_(stall_seconds), first_wait_(first_wait) {
  http::Patience patience(first_wait_);
  while (true) {
    std::byte first{};
    Part part{.room = {&first, 1}};
    const Ending ending = request(url_, stall_seconds_, part);
    if (ending.code != CURLE_OK) {
      if (part.failure.empty() && patience.again(ending.code, part.answer)) continue;
      fail("{}: {}{}", url_, ending.reason, patience.words(part.answer));
    }
    if (!part.answer.total) fail("{}: the server does not say how large the file is", url_);
    size_ = *part.answer.total;
    version_ = part.answer.version;
    return;
  }
}

void HttpFile::read(std::uint64_t offset, std::span<std::byte> room, const std::stop_token& stop) const {
  if (offset > size_ || room.size() > size_ - offset) {
    fail("{}: has {} bytes, wanted are some up to byte {}", url_, size_, offset + room.size());
  }
  http::Patience patience(first_wait_);
  while (!room.empty()) {
    Part part{.room = room, .offset = offset, .stop = stop};
    const Ending ending = request(url_, stall_seconds_, part);
    if (part.answer.status == 206 && part.answer.version != version_) {
      fail("{}: changed on the server while it was read", url_);
    }
    room = room.subspan(part.have);
    offset += part.have;
    if (ending.code == CURLE_OK) continue;
    if (part.have > 0) patience.reset();  // as long as something comes
    const bool goes_on = part.failure.empty() && part.have > 0 && http::may_pass(ending.code);
    // a server that was there may be starting again
    const CURLcode code = ending.code == CURLE_COULDNT_CONNECT ? CURLE_RECV_ERROR : ending.code;
    if (goes_on || (part.failure.empty() && patience.again(code, part.answer, stop))) continue;
    fail("{}: {} (at byte {} of {}){}", url_, ending.reason, offset, size_, patience.words(part.answer));
  }
}

std::string read_url(const std::string& url, double stall_seconds) {
  for (http::Patience patience;;) {
    std::string text;
    http::Answer answer;
    CURL* handle = thread_handle();
    char words[CURL_ERROR_SIZE] = "";
    http::ask(handle, url, stall_seconds);
    http::set(handle, CURLOPT_ERRORBUFFER, words);
    http::set(handle, CURLOPT_HEADERFUNCTION, on_answer);
    http::set(handle, CURLOPT_HEADERDATA, &answer);
    http::set(handle, CURLOPT_WRITEFUNCTION, on_text);
    http::set(handle, CURLOPT_WRITEDATA, &text);
    const CURLcode code = curl_easy_perform(handle);
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &answer.status);
    if (code == CURLE_OK) return text;
    if (code == CURLE_HTTP_RETURNED_ERROR && answer.status == 404) return "";
    if (patience.again(code, answer)) continue;
    fail("{}: {}{}", url, http::reason(code, answer, stall_seconds, words), patience.words(answer));
  }
}

bool is_url(const std::string& text) {
  return text.starts_with("http://") || text.starts_with("https://");
}

}  // namespace springbok::data
