// Listing folders by what readdir says of each entry, one level of the tree after the other, in threads.
#include "springbok/data/folder/folder_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <system_error>
#include <utility>

#include "springbok/base/error.h"
#include "springbok/base/threads.h"

namespace springbok::data {
namespace {

namespace fs = std::filesystem;

using FileId = std::pair<dev_t, ino_t>;

[[noreturn]] void fail_at(const char* action, const fs::path& path, int error) {
  fail("cannot {} {}: {}", action, path.string(), std::generic_category().message(error));
}

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

/// An open folder.
class Directory {
 public:
  explicit Directory(const fs::path& path) : path_(path), opened_(::opendir(path.c_str()), &::closedir) {
    if (!opened_) fail_at("list", path_, errno);
  }

  /// The next entry but "." and "..", or nullptr at the end.
  const dirent* next() {
    while (true) {
      errno = 0;
      const dirent* entry = ::readdir(opened_.get());
      if (entry == nullptr && errno != 0) fail_at("list", path_, errno);
      if (entry == nullptr || (std::strcmp(entry->d_name, ".") != 0 && std::strcmp(entry->d_name, "..") != 0)) {
        return entry;
      }
    }
  }

  struct stat status() const {
    struct stat status {};
    if (::fstat(::dirfd(opened_.get()), &status) != 0) fail_at("examine", path_, errno);
    return status;
  }

  /// The kind of an entry, DT_DIR or DT_REG for all that is none; asks where readdir did not say, and about links.
  unsigned char kind(const dirent& entry, bool& linked) const {
    unsigned char kind = entry.d_type;
    if (kind == DT_UNKNOWN) kind = static_cast<unsigned char>(IFTODT(mode(entry.d_name, AT_SYMLINK_NOFOLLOW)));
    if (kind != DT_LNK) return kind == DT_DIR ? DT_DIR : DT_REG;
    linked = true;
    return S_ISDIR(mode(entry.d_name, 0)) ? DT_DIR : DT_REG;
  }

  bool keeps_honest_times() const {
    struct statfs system {};
    return ::fstatfs(::dirfd(opened_.get()), &system) == 0 && system.f_type != FUSE_SUPER_MAGIC;
  }

 private:
  /// 0 for a link to nothing, which is then a file that cannot be opened.
  mode_t mode(const char* name, int flags) const {
    struct stat status {};
    if (::fstatat(::dirfd(opened_.get()), name, &status, flags) == 0) return status.st_mode;
    // a link to nothing, to itself, or to where nobody may look
    if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP && errno != EACCES)
      fail_at("examine", path_ / name, errno);
    return 0;
  }

  fs::path path_;
  std::unique_ptr<DIR, int (*)(DIR*)> opened_;
};

/// Names one after the other in one memory, sorted by bytes when they are asked for.
class Names {
 public:
  void add(const char* name) {
    begins_.push_back(text_.size());
    text_.append(name, std::strlen(name) + 1);
  }

  std::string sorted() {
    const char* text = text_.data();
    std::sort(begins_.begin(), begins_.end(),
              [&](std::size_t a, std::size_t b) { return std::strcmp(text + a, text + b) < 0; });
    std::string result;
    result.reserve(text_.size());
    for (const std::size_t begin : begins_) result.append(text + begin, std::strlen(text + begin) + 1);
    return result;
  }

  std::int64_t count() const { return static_cast<std::int64_t>(begins_.size()); }

 private:
  std::string text_;
  std::vector<std::size_t> begins_;
};

Listing list(const fs::path& path, std::int64_t now) {
  Directory directory(path);
  Listing listing;
  listing.stamp = stamp_of(directory.status());  // before the entries: a change in between shows in the next stamp
  Names images;
  bool linked = false;
  while (const dirent* entry = directory.next()) {
    if (directory.kind(*entry, linked) == DT_DIR) {
      listing.folders.emplace_back(entry->d_name);
    } else if (is_image_name(entry->d_name)) {
      images.add(entry->d_name);
    } else {
      listing.others.add(entry->d_name);
    }
  }
  std::sort(listing.folders.begin(), listing.folders.end());
  listing.count = images.count();
  listing.images = images.sorted();
  listing.settled = !is_young(listing.stamp, now) && !linked && directory.keeps_honest_times();
  return listing;
}

/// A folder to look at, then what was seen.
struct Visit {
  std::string path;           ///< below the top
  std::vector<FileId> above;  ///< the folders that contain it; then itself too
  Listing listing = {};
  bool listed = false, differs = false;
};

/// Looks at one folder. `known` loses the listing that is taken from it.
void look(const fs::path& top, Visit& visit, Listings& known, std::int64_t now) {
  const fs::path path = visit.path.empty() ? top : top / visit.path;
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) fail_at("examine", path, errno);
  const FileId id{status.st_dev, status.st_ino};
  if (std::find(visit.above.begin(), visit.above.end(), id) != visit.above.end()) {
    fail("{}: is a link to a folder that contains it; remove the link", path.string());
  }
  visit.above.push_back(id);
  const auto found = known.find(visit.path);
  if (found != known.end() && found->second.settled && found->second.stamp == stamp_of(status)) {
    visit.listing = std::move(found->second);
    return;
  }
  visit.listed = true;
  visit.listing = list(path, now);
  visit.differs = found == known.end() || visit.listing != found->second;
}

}  // namespace

Stamp stamp_of(const struct stat& status) {
  return {status.st_ino, nanoseconds(status.st_mtim), nanoseconds(status.st_ctim)};
}

namespace {

std::string stamp_text(const struct stat& status) {
  const Stamp stamp = stamp_of(status);
  return format("{} {} {} {}", status.st_size, stamp.inode, stamp.modified, stamp.changed);
}

}  // namespace

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

std::string file_stamp(const fs::path& file) {
  struct stat status {};
  return ::stat(file.c_str(), &status) == 0 ? stamp_text(status) : "";
}

std::string settled_stamp(const fs::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0 || is_young(stamp_of(status), nanoseconds_now())) return "";
  return stamp_text(status);
}

bool is_young(const Stamp& stamp, std::int64_t now) {
  constexpr std::int64_t kTick = 2'000'000'000;  // the coarsest clock of a file system, FAT's
  return std::max(stamp.modified, stamp.changed) > now - kTick;
}

namespace {

/// Folders are walked once for each way that leads to them, and links can make more ways than there are atoms.
class Ways {
 public:
  void count(const fs::path& top, const Visit& visit) {
    constexpr int kMostWays = 1000;
    if (++ways_[visit.above.back()] <= kMostWays) return;
    fail("{}: over {} links lead to this folder, one through another; remove some", (top / visit.path).string(),
         with_commas(kMostWays));
  }

 private:
  std::map<FileId, int> ways_;
};

}  // namespace

FolderTree scan_tree(const fs::path& top, Listings known, std::int64_t now, int threads) {
  FolderTree tree;
  std::vector<Visit> level(1);
  Ways ways;
  while (!level.empty()) {
    parallel_for(level.size(), threads, [&](std::size_t i) { look(top, level[i], known, now); });
    std::vector<Visit> below;
    for (Visit& visit : level) {
      ways.count(top, visit);
      for (const std::string& name : visit.listing.folders) {
        below.push_back({.path = visit.path.empty() ? name : visit.path + "/" + name, .above = visit.above});
      }
      tree.listed += visit.listed;
      tree.differs |= visit.differs;
      tree.folders.emplace(std::move(visit.path), std::move(visit.listing));
    }
    level = std::move(below);
  }
  tree.differs |= tree.folders.size() != known.size();
  return tree;
}

std::int64_t nanoseconds_now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace springbok::data
