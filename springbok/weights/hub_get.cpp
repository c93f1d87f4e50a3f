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
#include "springbok/weights/download.h"
#include "springbok/weights/hub.h"

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

/// The hash that the file must have or begin with: the manifest's, else that of the first download; "" before it.
std::string wanted_hash(const Published& weights, const Place& place) {
  if (!weights.sha256.empty() || !fs::exists(place.record)) return weights.sha256;
  return read_text(place.record).substr(0, 64);
}

/// The cached file, if it is there. Throws Error when it is not what it was.
bool is_there(const Published& weights, const Place& place) {
  if (!fs::exists(place.file)) return false;
  const std::string wanted = wanted_hash(weights, place), found = sha256_file(place.file);
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

void keep(const Published& weights, const Place& place, const GetSettings& settings) {
  const std::string found = sha256_file(place.part), wanted = wanted_hash(weights, place);
  if (!found.starts_with(wanted)) {
    fs::remove(place.part);
    fail(
        "{}: what was downloaded is not the published file: SHA-256 {} instead of {}; it was removed, try another "
        "--mirror",
        weights.name, found, wanted);
  }
  write_file(place.record, found + "\n");
  fs::rename(place.part, place.file);
  const char* known = wanted.empty() ? "recorded, as the manifest has none" : "as published";
  if (settings.say) {
    settings.say(format("{}: {}, SHA-256 {} ({})", weights.name, human_bytes(fs::file_size(place.file)), found, known));
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
