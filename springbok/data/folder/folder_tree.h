// Inside the room: what lies in a folder and all folders below it, and which of them changed since they were last
// listed.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "springbok/data/folder/image_names.h"

namespace springbok::data {

/// Which folder it is and when its list of names last changed. The second time is the one that nobody can set back
/// (`rsync` and `tar` do so with the first). Device numbers are left out: they change when a machine starts again.
struct Stamp {
  std::uint64_t inode = 0;
  std::int64_t modified = 0, changed = 0;  ///< mtime and ctime, nanoseconds

  bool operator==(const Stamp&) const = default;
};

Stamp stamp_of(const struct stat& status);

/// Size, inode and times of a file as text; empty where there is none.
std::string file_stamp(const std::filesystem::path& file);
/// The same, where it is enough to tell that the content is as before: empty while the file is young (`is_young`).
std::string settled_stamp(const std::filesystem::path& file);

/// Whether it was taken so soon after a change that another may follow within one tick of a file system's clock,
/// unseen. `now` in nanoseconds since 1970.
bool is_young(const Stamp& stamp, std::int64_t now);

/// What one folder holds.
struct Listing {
  Stamp stamp;
  /// Whether the same stamp means the same content. Not so while the folder is so young that it may change again within
  /// one tick of its clock. Nor for a folder with links, whose targets may become something else, nor on file systems
  /// whose folders keep no honest times (FUSE: object stores).
  bool settled = false;
  std::vector<std::string> folders;  ///< names, sorted by bytes
  std::string images;                ///< names, sorted by bytes, '\0' behind each
  std::int64_t count = 0;            ///< of images
  LeftOut others;

  bool operator==(const Listing&) const = default;
};

/// False also where the system does not tell.
bool is_folder(const std::filesystem::path& path);

/// Calls `use` with the name of each image.
template <class Use>
void for_each_image(const Listing& listing, const Use& use) {
  for (std::string_view left = listing.images; !left.empty();) {
    const std::size_t size = left.find('\0');
    use(left.substr(0, size));
    left.remove_prefix(size + 1);
  }
}

/// Paths in the order of torchvision's ImageFolder: by class, the first part of the path, then as os.walk sorts them.
struct ClassOrder {
  bool operator()(std::string_view left, std::string_view right) const {
    const std::string_view a = left.substr(0, left.find('/')), b = right.substr(0, right.find('/'));
    return a != b ? a < b : left < right;
  }
};

/// Folders by their paths below the top, which is "" itself.
using Listings = std::map<std::string, Listing, ClassOrder>;

/// A tree, and how it was found.
struct FolderTree {
  Listings folders;
  std::int64_t listed = 0;  ///< folders that were listed; the others were as known
  bool differs = false;     ///< from what was known
};

/// Looks at `top` and all folders below it, links followed. A folder of `known` whose stamp still holds is not listed
/// again, and so costs one stat. `now`, nanoseconds since 1970, decides which folders are too young to be settled.
/// Throws Error for a folder that cannot be listed and for a link to a folder that contains it.
FolderTree scan_tree(const std::filesystem::path& top, Listings known, std::int64_t now, int threads);

/// The clock of `scan_tree`.
std::int64_t nanoseconds_now();

}  // namespace springbok::data
