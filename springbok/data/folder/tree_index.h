// Inside the room: the index of a big image folder, kept in the cache so that opening it again lists only what changed.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "springbok/data/folder/folder_tree.h"

namespace springbok::data {

/// How a tree is indexed.
struct IndexSettings {
  bool rescan = false;              ///< list everything; so does $SPRINGBOK_RESCAN when it is set and not 0
  std::int64_t least_files = 4096;  ///< a tree of fewer is listed faster than looked up, and has no index
  std::int64_t now = nanoseconds_now();
};

/// A tree, and what the index had to do with it.
struct IndexedTree {
  FolderTree tree;
  std::filesystem::path index;  ///< the file; empty when there is none
};

/// The tree below `top`: folders that are as the index says are taken from it, the others listed, and the index written
/// anew when anything differs. A damaged, foreign or older index is no index. One that cannot be written is said once,
/// on standard error. Throws the Errors of `scan_tree`.
IndexedTree indexed_tree(const std::filesystem::path& top, const IndexSettings& settings = {});

/// The folders as the body of an index, and back; nothing for a body that is none.
std::string write_index(const Listings& folders);
std::optional<Listings> read_index(std::string_view body);

}  // namespace springbok::data
