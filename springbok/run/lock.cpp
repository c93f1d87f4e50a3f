// Locking by an open file description (fcntl), which NFS carries to other hosts and a crash ends.
#include "springbok/run/lock.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <sstream>
#include <system_error>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/base/file.h"

namespace springbok::run {
namespace {

namespace fs = std::filesystem;

constexpr const char* kName = "lock";

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

/// `HOST PROCESS DATE TIME TICKS`; the ticks tell two holders of one second apart.
std::string own_line() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  ::localtime_r(&now, &local);
  std::array<char, 32> date{};
  std::strftime(date.data(), date.size(), "%Y-%m-%d %H:%M:%S", &local);
  return format("{} {} {} {}\n", host_name(), ::getpid(), date.data(),
                std::chrono::steady_clock::now().time_since_epoch().count());
}

std::string text_of(int file) {
  std::array<char, 512> text{};
  const ssize_t size = ::pread(file, text.data(), text.size(), 0);
  return size > 0 ? std::string(text.data(), static_cast<std::size_t>(size)) : "";
}

/// What the line in the folder's file is, read anew by name; "" when there is none.
std::string text_in(int folder) {
  const int file = ::openat(folder, kName, O_RDONLY | O_CLOEXEC);
  if (file < 0) return "";
  const std::string text = text_of(file);
  ::close(file);
  return text;
}

/// Whether the line's holder is a process of this host that has ended.
bool has_ended(const std::string& line) {
  std::istringstream words(line);
  std::string host;
  pid_t process = 0;
  words >> host >> process;
  return host == host_name() && process > 0 && ::kill(process, 0) != 0 && errno == ESRCH;
}

/// What the system calls an open folder; it follows when the folder moves.
fs::path descriptor_path(int folder) {
  return format("/proc/self/fd/{}", folder);
}

enum class Answer : std::uint8_t { taken, held, no_locks };

Answer try_lock(int file) {
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  if (::fcntl(file, F_OFD_SETLK, &whole) == 0) return Answer::taken;
  return errno == EAGAIN || errno == EACCES ? Answer::held : Answer::no_locks;
}

}  // namespace

Lock::Lock(fs::path root) : root_(std::move(root)), process_(::getpid()) {
  std::error_code ignored;
  made_ = !fs::exists(root_, ignored);
  make_folder(root_);
  try {
    folder_ = ::open(root_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder_ < 0) fail("cannot open {}: {}", root_.string(), std::generic_category().message(errno));
    int tries = 100;
    while (!take()) {
      if (--tries == 0) fail("cannot lock {}: it does not read back what is written", (root_ / kName).string());
    }
    std::error_code error;
    seen_ = fs::read_symlink(descriptor_path(folder_), error);
    if (error || seen_ != fs::canonical(root_, error)) seen_.clear();
  } catch (...) {
    free();
    throw;
  }
}

/// False when the file that was locked is no longer the folder's: its last holder took it away.
bool Lock::take() {
  const fs::path path = root_ / kName;
  file_ = ::openat(folder_, kName, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (file_ < 0) fail("cannot write {}: {}", path.string(), std::generic_category().message(errno));
  const std::string before = text_of(file_);
  const Answer answer = try_lock(file_);
  const bool held = answer == Answer::held || (answer == Answer::no_locks && !before.empty() && !has_ended(before));
  if (held) {
    ::close(std::exchange(file_, -1));
    fail_held(before);
  }
  const std::string line = own_line();
  if (::ftruncate(file_, 0) != 0 || ::pwrite(file_, line.data(), line.size(), 0) != std::ssize(line)) {
    fail("cannot write {}: {}", path.string(), std::generic_category().message(errno));
  }
  if (text_in(folder_) == line) return true;
  ::close(std::exchange(file_, -1));
  return false;
}

void Lock::fail_held(const std::string& holder) const {
  std::istringstream words(holder);
  std::string host, process, date, time;
  const bool known = static_cast<bool>(words >> host >> process >> date >> time);
  fail("{}: another run is writing there ({}); wait until it ends, or choose another --out", root_.string(),
       known ? format("on {}, process {}, since {} {}", host, process, date, time) : "it began just now");
}

void Lock::free() noexcept {
  if (file_ >= 0 && process_ == ::getpid()) ::unlinkat(folder_, kName, 0);
  if (file_ >= 0) ::close(std::exchange(file_, -1));
  if (folder_ >= 0) ::close(std::exchange(folder_, -1));
  if (made_) ::rmdir(root_.c_str());
}

Lock::~Lock() {
  free();
}

fs::path Lock::place() const {
  std::error_code error;
  const fs::path now = seen_.empty() ? fs::path() : fs::read_symlink(descriptor_path(folder_), error);
  if (now.empty() || now == fs::canonical(root_, error)) return root_;
  if (fs::is_directory(now, error)) return now;
  fail("{}: the run folder is gone: it was removed, or moved to another disk, while this run wrote to it",
       root_.string());
}

bool is_running(const fs::path& root) {
  const int file = ::open((root / kName).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (file < 0) return false;
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  const bool answered = ::fcntl(file, F_OFD_GETLK, &whole) == 0;
  const std::string line = text_of(file);
  ::close(file);
  return answered ? whole.l_type != F_UNLCK : !line.empty() && !has_ended(line);
}

}  // namespace springbok::run
