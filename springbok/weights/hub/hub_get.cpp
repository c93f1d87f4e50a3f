// Fetching into the cache: one process at a time, checked, and kept only when right.
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "springbok/base/error.h"
#include "springbok/base/file.h"
#include "springbok/base/progress.h"
#include "springbok/tensors/read.h"
#include "springbok/weights/hub/download.h"
#include "springbok/weights/hub/hub.h"

namespace springbok::weights {
namespace {

namespace fs = std::filesystem;

/// Held by the process that downloads; another one waits.
class Lock {
 public:
  Lock(const fs::path& path, const std::function<void()>& waiting) : fd_(::open(path.c_str(), O_CREAT | O_RDWR, 0666)) {
    if (fd_ < 0) fail("cannot write {}: {}", path.string(), std::strerror(errno));
    if (::flock(fd_, LOCK_EX | LOCK_NB) == 0) return;
    waiting();
    while (::flock(fd_, LOCK_EX) != 0) {
      if (errno != EINTR) fail("cannot lock {}: {}", path.string(), std::strerror(errno));
    }
  }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  ~Lock() { ::close(fd_); }

 private:
  int fd_;
};

/// The files of one entry.
struct Place {
  fs::path file, part, record, lock;
};

Place place_of(const Published& weights, const fs::path& cache) {
  const std::string name = weights.url.substr(weights.url.rfind('/') + 1);
  const fs::path file = cache / weights.name / name;
  const auto beside = [&](const char* ending) { return fs::path(file.string() + ending); };
  return {.file = file, .part = beside(".part"), .record = beside(".sha256"), .lock = beside(".lock")};
}

void discard(const fs::path& path) {
  std::error_code none;
  fs::remove(path, none);
}

/// What is recorded of an earlier download. Throws Error for a record that is none.
std::string recorded_hash(const Place& place) {
  constexpr std::size_t kDigits = 64;
  if (!fs::exists(place.record)) return "";
  std::string text = read_text(place.record);
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.pop_back();
  if (text.size() == kDigits && text.find_first_not_of("0123456789abcdef") == std::string::npos) return text;
  fail("{}: not the SHA-256 that was recorded; remove it and {} and get them again", place.record.string(),
       place.file.string());
}

/// The hash that the file must have or begin with: that of the first download, which began as the manifest says, else
/// the manifest's; "" before any.
std::string wanted_hash(const Published& weights, const Place& place) {
  const std::string recorded = recorded_hash(place);
  return recorded.starts_with(weights.sha256) ? recorded : weights.sha256;
}

/// The cached file, if it is there. Throws Error when it is not what it was, or nothing tells what it should be.
bool is_there(const Published& weights, const Place& place) {
  if (!fs::exists(place.file)) return false;
  const std::string wanted = wanted_hash(weights, place);
  if (wanted.empty()) {
    fail("{}: neither the manifest nor a record beside it tells its SHA-256; remove it and get it again",
         place.file.string());
  }
  const std::string found = sha256_file(place.file);
  if (!found.starts_with(wanted)) {
    fail("{}: altered since it was downloaded (SHA-256 {} instead of {}); remove it and get it again",
         place.file.string(), found, wanted);
  }
  return true;
}

std::vector<std::string> addresses(const Published& weights, const std::vector<std::string>& mirrors) {
  if (mirrors.empty()) return {weights.url};
  const std::string name = weights.url.substr(weights.url.rfind('/') + 1);
  std::vector<std::string> urls = mirrors;
  for (std::string& url : urls) {
    if (!url.ends_with('/')) url += '/';
    url += name;
  }
  return urls;
}

void fetch(const Published& weights, const std::string& url, const Place& place, const GetSettings& settings) {
  constexpr double kMega = 1e6;
  std::unique_ptr<Progress> progress;
  const auto show = [&](std::uint64_t done, std::uint64_t total) {
    const auto mega = [](std::uint64_t bytes) { return static_cast<std::int64_t>(static_cast<double>(bytes) / kMega); };
    if (!progress) {
      progress = std::make_unique<Progress>(Progress::Settings{
          .title = weights.name, .total = mega(total), .unit = "MB", .quiet = settings.quiet, .first = mega(done)});
    }
    progress->update(mega(done));
  };
  download(url, place.part,
           {.size = weights.size,
            .stall_seconds = settings.stall_seconds,
            .verified = !wanted_hash(weights, place).empty(),
            .progress = show});
}

/// Throws Error, and removes it, where what came is no weight file: nothing else tells that it is the published one.
void expect_weights(const Published& weights, const Place& place) {
  try {
    tensors::read(place.part);
  } catch (const Error& error) {
    discard(place.part);
    fail("{}: what was downloaded is no weight file, and was removed: {}", weights.name, error.what());
  }
}

void keep(const Published& weights, const Place& place, const GetSettings& settings) {
  const std::string found = sha256_file(place.part), wanted = wanted_hash(weights, place);
  if (!found.starts_with(wanted)) {
    discard(place.part);
    fail(
        "{}: what was downloaded is not the published file: SHA-256 {} instead of {}; it was removed, try another "
        "--mirror",
        weights.name, found, wanted);
  }
  if (weights.sha256.empty()) expect_weights(weights, place);
  write_file(place.record, found + "\n");
  std::error_code failure;
  fs::rename(place.part, place.file, failure);
  if (failure) fail("cannot write {}: {}", place.file.string(), failure.message());
  const char* known = wanted.empty() ? "recorded, as the manifest has none" : "as published";
  if (settings.say) {
    settings.say(
        format("{}: {}, SHA-256 {} ({})", weights.name, human_bytes(fs::file_size(place.file, failure)), found, known));
  }
}

/// From the first address that has the right file; of several that fail, the last one's error.
void fetch_from_any(const Published& weights, const Place& place, const GetSettings& settings) {
  const std::vector<std::string> urls = addresses(weights, settings.mirrors);
  for (std::size_t i = 0; i < urls.size(); ++i) {
    try {
      fetch(weights, urls[i], place, settings);
      return keep(weights, place, settings);
    } catch (const Error& error) {
      if (i + 1 == urls.size()) throw;
      if (settings.say) settings.say(format("{}; trying the next mirror", error.what()));
    }
  }
}

}  // namespace

fs::path get(const Published& weights, const GetSettings& settings) {
  if (!weights.page.empty()) {
    fail("{}: lies in a folder that only a browser opens: {}; download the file there and give it with --weights",
         weights.name, weights.page);
  }
  if (settings.cache.empty()) fail("{}: no folder to keep it in: give --cache or set SPRINGBOK_CACHE", weights.name);
  const Place place = place_of(weights, settings.cache);
  if (is_there(weights, place)) return place.file;
  if (settings.offline) {
    fail("{}: not in the cache ({}), and --offline forbids to download it", weights.name, place.file.string());
  }
  make_folder(place.file.parent_path());
  const Lock lock(place.lock, [&] {
    if (settings.say) settings.say(format("{}: another process downloads it; waiting", weights.name));
  });
  if (is_there(weights, place)) return place.file;
  fetch_from_any(weights, place, settings);
  return place.file;
}

}  // namespace springbok::weights
