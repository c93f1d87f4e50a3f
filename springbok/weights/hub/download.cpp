// Downloading with libcurl: ranges, retries, and what to say when it does not work.
#include "springbok/weights/hub/download.h"

#include <chrono>
#include <cstdio>
#include <memory>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/net/http.h"

namespace springbok::weights {
namespace {

namespace fs = std::filesystem;

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

using Clock = std::chrono::steady_clock;

/// Watches a connection's pace: the moment of the last byte, and the bytes of the present stretch of time.
struct Pace {
  Clock::time_point last = Clock::now(), since = last;
  std::uint64_t bytes = 0;

  void take(std::size_t size) {
    last = Clock::now();
    bytes += size;
  }

  /// What is wrong with it; "" when nothing is.
  std::string complaint(double stall_seconds) {
    constexpr double kLeast = 1000;  // bytes a second
    const auto seconds = [now = Clock::now()](Clock::time_point then) {
      return std::chrono::duration<double>(now - then).count();
    };
    if (seconds(last) >= stall_seconds) return format("nothing came for {:g} seconds", stall_seconds);
    if (seconds(since) < stall_seconds) return "";
    const bool slow = static_cast<double>(bytes) < kLeast * seconds(since);
    since = Clock::now();
    bytes = 0;
    return slow ? format("less than 1 KB a second came for {:g} seconds", stall_seconds) : "";
  }
};

/// One connection's state, which libcurl's callbacks see.
struct Transfer {
  const fs::path& part;
  const DownloadSettings& settings;
  std::uint64_t have;  ///< bytes in `part`
  CURL* handle = nullptr;
  std::unique_ptr<std::FILE, FileCloser> file = {};
  http::Answer answer = {};
  std::string failure = {};  ///< why this side broke off
  bool wrong = false;        ///< what came is not the file
  bool dead = false;         ///< it was too slow
  std::uint64_t received = 0;
  Pace pace = {};

  std::uint64_t limit() const { return settings.size != 0 ? settings.size : kMostUnknownBytes; }
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

std::size_t on_header(char* text, std::size_t, std::size_t size, void* user) {
  static_cast<Transfer*>(user)->answer.take({text, size});
  return size;
}

std::string too_much(const Transfer& transfer, std::uint64_t total) {
  if (transfer.settings.size != 0) return format("the server sends more than {}", human_bytes(transfer.settings.size));
  return format("the server has {}more than {}, the limit for weights whose 'size' the manifest does not tell",
                total == 0 ? "" : human_bytes(total) + ", ", human_bytes(kMostUnknownBytes));
}

/// Opens the part for what comes. False, with the reason in `failure`, when it is not what was asked for.
bool begin(Transfer& transfer) {
  curl_easy_getinfo(transfer.handle, CURLINFO_RESPONSE_CODE, &transfer.answer.status);
  http::Answer& answer = transfer.answer;
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
  if (answer.total && *answer.total > transfer.limit()) {
    transfer.failure = too_much(transfer, *answer.total);
    transfer.wrong = true;
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
  transfer.pace.take(size);
  if (transfer.have + size > transfer.limit()) {
    transfer.failure = too_much(transfer, 0);
    transfer.wrong = true;
    return 0;
  }
  if (std::fwrite(bytes, 1, size, transfer.file.get()) != size) {
    transfer.failure = format("cannot write {}: is the disk full?", transfer.part.string());
    return 0;
  }
  transfer.have += size;
  transfer.received += size;
  if (transfer.settings.progress)
    transfer.settings.progress(transfer.have, transfer.answer.total.value_or(transfer.settings.size));
  return size;
}

/// libcurl asks at least once a second.
int on_time(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  Transfer& transfer = *static_cast<Transfer*>(user);
  const std::string complaint = transfer.pace.complaint(transfer.settings.stall_seconds);
  if (complaint.empty()) return 0;
  transfer.failure = complaint;
  transfer.dead = true;
  return 1;
}

/// How one connection ended.
struct Ending {
  CURLcode code = CURLE_OK;
  std::string text;  ///< libcurl's own words
};

/// The headers that ask for what is missing, of the version that was begun; none when nothing is there.
http::Headers range(const Transfer& transfer) {
  http::Headers headers;
  if (transfer.have == 0) return headers;
  headers.reset(curl_slist_append(nullptr, format("Range: bytes={}-", transfer.have).c_str()));
  const std::string version = fs::exists(version_file(transfer.part)) ? read_text(version_file(transfer.part)) : "";
  if (!version.empty()) curl_slist_append(headers.get(), ("If-Range: " + version).c_str());
  return headers;
}

Ending connect(const std::string& url, Transfer& transfer) {
  const http::Handle handle = http::make_handle();
  transfer.handle = handle.get();
  char words[CURL_ERROR_SIZE] = "";
  const http::Headers headers = range(transfer);
  http::ask(handle.get(), url, transfer.settings.stall_seconds);
  http::set(handle.get(), CURLOPT_HTTPHEADER, headers.get());
  http::set(handle.get(), CURLOPT_ERRORBUFFER, words);
  http::set(handle.get(), CURLOPT_HEADERFUNCTION, on_header);
  http::set(handle.get(), CURLOPT_HEADERDATA, &transfer);
  http::set(handle.get(), CURLOPT_WRITEFUNCTION, on_bytes);
  http::set(handle.get(), CURLOPT_WRITEDATA, &transfer);
  http::set(handle.get(), CURLOPT_LOW_SPEED_LIMIT, 0L);
  http::set(handle.get(), CURLOPT_NOPROGRESS, 0L);
  http::set(handle.get(), CURLOPT_XFERINFOFUNCTION, on_time);
  http::set(handle.get(), CURLOPT_XFERINFODATA, &transfer);
  const CURLcode code = curl_easy_perform(handle.get());
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &transfer.answer.status);
  if (transfer.file && std::fclose(transfer.file.release()) != 0 && transfer.failure.empty()) {
    transfer.failure = format("cannot write {}: is the disk full?", transfer.part.string());
  }
  return {.code = code, .text = words};
}

std::string reason(const Ending& ending, const Transfer& transfer) {
  if (!transfer.failure.empty()) return transfer.failure;
  return http::reason(ending.code, transfer.answer, transfer.settings.stall_seconds, ending.text.c_str());
}

/// Whether the next command may add to what is there: it is known to be the same file, or a hash will tell.
bool can_go_on(const Transfer& transfer) {
  return transfer.settings.verified || fs::exists(version_file(transfer.part));
}

/// `got 200.0 MB of 311.0 MB: the connection broke`.
std::string complaint(const Ending& ending, const Transfer& transfer) {
  const std::uint64_t total = transfer.answer.total.value_or(transfer.settings.size);
  const std::string why = reason(ending, transfer);
  if (transfer.have == 0) return why;
  if (transfer.wrong) return why;
  const std::string of = total == 0 ? "" : " of " + human_bytes(total);
  const char* next = can_go_on(transfer) ? "goes on from there" : "begins anew, as the server tells no version of it";
  return format("got {}{}: {}; the same command {}", human_bytes(transfer.have), of, why, next);
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
    const bool dead = transfer.dead || ending.code == CURLE_OPERATION_TIMEDOUT;
    const bool broken = dead ? transfer.received > 0 : transfer.failure.empty() && http::may_pass(ending.code);
    if (left > 1 && (past_the_end || broken)) continue;
    const std::string why = complaint(ending, transfer);
    if (transfer.wrong || !can_go_on(transfer)) forget(part);
    fail("{}: {}", url, why);
  }
}

}  // namespace springbok::weights
