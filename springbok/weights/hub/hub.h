// Published weights by name: a manifest of addresses, and a cache of what was downloaded.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "springbok/base/cache_folder.h"

namespace springbok::weights {

/// One line of a manifest. Size and hash are there only where the publisher tells them.
struct Published {
  std::string name;         ///< `elastic/resnext50`
  std::string url = {};     ///< of the file
  std::string page = {};    ///< where there is no file to fetch, only a page to open
  std::uint64_t size = 0;   ///< bytes; 0 where not known
  std::string sha256 = {};  ///< in lower-case hex, or its beginning; "" where not known
};

/// The manifest that the program holds.
const std::vector<Published>& published_weights();

/// Reads a manifest: a JSON list of objects with `name`, and `url` or `page`, and `size` and `sha256` where known.
/// Throws Error naming `where` and the entry.
std::vector<Published> read_manifest(const std::string& json, const std::string& where);

/// The entry of that name. Throws UsageError with the nearest one.
const Published& find_published(const std::vector<Published>& manifest, const std::string& name);

struct GetSettings {
  std::filesystem::path cache = cache_folder();
  std::vector<std::string> mirrors = {};  ///< folders to fetch the file from instead, in order
  bool offline = false, quiet = false;
  double stall_seconds = 30;
  std::function<void(const std::string&)> say = {};  ///< one line about what is done; nothing by default
};

/// The file in the cache, downloaded if it is not there. Its hash is checked each time: against the manifest's, else
/// against that of the first download, which is recorded beside it. Two processes never download one file at once.
/// Throws Error for what cannot be fetched, and for content that is not the published one.
std::filesystem::path get(const Published& weights, const GetSettings& settings = {});

}  // namespace springbok::weights
